import {useState} from "@odoo/owl";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {deserializeDate, formatDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {Pager} from "@web/core/pager/pager";
import {useBus} from "@web/core/utils/hooks";
import {ControlPanel} from "@web/search/control_panel/control_panel";
import {PAGE_SIZES} from "./client_balance_ledger";

/** The toolbar of the ledger. It wraps with its column, not with the window. */
export class LedgerControlPanel extends ControlPanel {
    static template = "client_balance.LedgerControlPanel";
    static components = {
        ...ControlPanel.components,
        DateTimeInput,
        Dropdown,
        DropdownItem,
        Pager,
    };

    setup() {
        super.setup();
        this.ledger = this.env.clientBalanceLedger;
        // not `state`: core's effects read theirs
        this.overview = useState(this.ledger.overview);
        this.pageSizes = PAGE_SIZES;
        useBus(this.env.searchModel, "update", () => this.render());
    }

    get searchModel() {
        return this.env.searchModel;
    }

    get banks() {
        return this.overview.data?.banks || [];
    }

    get currencies() {
        return this.overview.data?.currencies || [];
    }

    get mayAdd() {
        return Boolean(this.overview.data?.rights.add);
    }

    get bankValue() {
        const value = this.searchModel.getChoice("bank");
        return value === undefined ? "all" : value || "none";
    }

    get currencyValue() {
        return this.searchModel.getChoice("currency") || "all";
    }

    get pageSize() {
        return this.pagerProps?.limit || this.ledger.getPageSize();
    }

    get period() {
        return this.searchModel.getChoice("period") || {from: false, to: false};
    }

    onBank(ev) {
        const {value} = ev.target;
        if (value === "all") {
            return this.searchModel.setBank(undefined);
        }
        const id = value === "none" ? false : parseInt(value);
        this.searchModel.setBank(id, this.banks.find((bank) => bank.id === id)?.name);
    }

    onCurrency(ev) {
        const id = parseInt(ev.target.value) || undefined;
        const name = this.currencies.find((currency) => currency.id === id)?.name;
        this.searchModel.setCurrency(id, name);
    }

    getDate(side) {
        const value = this.period[side];
        return value ? deserializeDate(value) : false;
    }

    onDate(side, date) {
        const period = {...this.period, [side]: date ? serializeDate(date) : false};
        const from = period.from && formatDate(deserializeDate(period.from));
        const to = period.to && formatDate(deserializeDate(period.to));
        const label =
            from && to
                ? _t("Date: %(from)s – %(to)s", {from, to})
                : from
                  ? _t("Date: from %s", from)
                  : _t("Date: until %s", to);
        this.searchModel.setPeriod(period, label);
    }

    async onPageSize(ev) {
        const limit = parseInt(ev.target.value);
        this.ledger.setPageSize(limit);
        await this.pagerProps?.onUpdate?.({offset: 0, limit}, false);
    }

    onExport(format) {
        return this.ledger.export(format, this.searchModel.domain);
    }
}
