import {Component, useState} from "@odoo/owl";
import {formatCurrency} from "@web/core/currency";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {formatDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";

/** The balances of a client: one chip per bank account and currency. */
export class ClientBalanceSummary extends Component {
    static template = "client_balance.ClientBalanceSummary";
    static components = {DateTimeInput};
    static props = {
        data: {type: [Object, {value: null}]},
        date: true,
        onDate: Function,
        onBalance: Function,
    };

    setup() {
        this.state = useState({showZero: false});
    }

    get chips() {
        const balances = this.props.data?.balances || [];
        return this.state.showZero ? balances : balances.filter((row) => !row.is_zero);
    }

    get zeroCount() {
        return (this.props.data?.balances || []).filter((row) => row.is_zero).length;
    }

    get zeroLabel() {
        return this.state.showZero
            ? _t("Hide zero balances")
            : _t("Show zero balances (%s)", this.zeroCount);
    }

    get dateLabel() {
        return this.props.date ? _t("Balances on %s", formatDate(this.props.date)) : "";
    }

    format(amount, currencyId) {
        return formatCurrency(amount, currencyId);
    }

    chipTitle(row) {
        const parts = [
            _t("Available balance: %s", this.format(row.available, row.currency_id)),
        ];
        if (row.limit) {
            parts.push(
                _t("Overdraft limit: %s", this.format(row.limit, row.currency_id)),
            );
        }
        if (!row.bank_active) {
            parts.push(_t("This bank account is archived."));
        }
        parts.push(_t("Click to see its settlements only."));
        return parts.join("\n");
    }

    netLabel(net) {
        const owes = this.format(Math.abs(net.owes), net.currency_id);
        const balance = this.format(Math.abs(net.balance), net.currency_id);
        const sign = net.balance < 0 ? "+" : "−";
        return net.owes < 0
            ? _t("Overpaid invoices and open credits %(owes)s, balance %(balance)s", {
                  owes,
                  balance: this.format(net.balance, net.currency_id),
              })
            : _t("Owes %(owes)s %(sign)s balance %(balance)s", {owes, sign, balance});
    }

    netResult(net) {
        const amount = this.format(Math.abs(net.net), net.currency_id);
        return net.net < 0
            ? _t("= we owe the client %s", amount)
            : _t("= to pay %s", amount);
    }
}
