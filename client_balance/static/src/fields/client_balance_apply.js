import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatMonetary} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component, useState} from "@odoo/owl";

/**
 * "Client balance: 1,500.00 ₴ · Apply": the invoice takes what is due with one click.
 */
export class ClientBalanceApplyField extends Component {
    static props = {...standardFieldProps};
    static template = "client_balance.ClientBalanceApplyField";

    setup() {
        this.orm = useService("orm");
        this.state = useState({busy: false});
    }

    get lines() {
        const info = this.props.record.data[this.props.name];
        return ((info && info.lines) || []).map((line) => ({
            ...line,
            label: line.bank
                ? _t("Client balance (%s)", line.bank)
                : _t("Client balance"),
            formatted: formatMonetary(line.available, {currencyId: line.currency_id}),
            title: _t(
                "Pay %s from this balance",
                formatMonetary(line.amount, {currencyId: line.currency_id}),
            ),
        }));
    }

    get note() {
        return this.props.record.data[this.props.name]?.note;
    }

    async apply(line) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await this.orm.call(
                this.props.record.resModel,
                "action_apply_client_balance",
                [[this.props.record.resId], line.bank_id],
            );
            await this.props.record.model.root.load();
        } finally {
            this.state.busy = false;
        }
    }
}

export const clientBalanceApplyField = {
    component: ClientBalanceApplyField,
    supportedTypes: ["json"],
};

registry.category("fields").add("client_balance_apply", clientBalanceApplyField);
