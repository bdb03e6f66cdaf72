import {Component, onMounted, onWillUnmount, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {deserializeDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {download} from "@web/core/network/download";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {CallbackRecorder} from "@web/search/action_hook";
import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {IsolatedView} from "./isolated_view";
import {ClientBalanceSummary} from "./client_balance_summary";

export const PAGE_SIZES = [10, 25, 50, 100, 200];

/** What was filtered per client: survives leaving the page and coming back. */
const rememberedStates = new Map();

/** The balances above, the list of settlements below, and what holds them together. */
export class ClientBalanceLedger extends Component {
    static template = "client_balance.ClientBalanceLedger";
    static components = {ClientBalanceSummary, IsolatedView};
    static props = {clientId: Number};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.keepLast = new KeepLast();
        const remembered = rememberedStates.get(this.stateKey);
        this.overview = useState({data: null, date: remembered?.date || false});
        this.searchModel = null;
        this.reloadList = () => {};
        this.recorder = new CallbackRecorder();
        // one object for good: a new one per render would reload the list
        this.viewProps = this.getViewProps(remembered?.globalState);
        // never awaited: the page opens at once, and a restarted child asks only once
        onMounted(() => this.loadOverview());
        onWillUnmount(() => this.remember());
    }

    get stateKey() {
        return `${user.activeCompany?.id}/${this.props.clientId}`;
    }

    get pageSizeKey() {
        return `client_balance.page_size.${user.userId}`;
    }

    get pageSize() {
        const stored = parseInt(browser.localStorage.getItem(this.pageSizeKey));
        return PAGE_SIZES.includes(stored) ? stored : PAGE_SIZES[1];
    }

    getViewProps(globalState) {
        const {clientId} = this.props;
        const type = this.env.isSmall ? "kanban" : "list";
        return {
            resModel: "client.balance.settlement",
            type,
            jsClass: `client_balance_ledger_${type}`,
            views: [
                [false, type],
                [false, "search"],
            ],
            searchViewId: false,
            domain: [
                ["partner_id", "=", clientId],
                ["company_id", "parent_of", user.activeCompany?.id],
            ],
            context: {default_partner_id: clientId, search_default_hide_reversed: 1},
            display: {searchPanel: false, controlPanel: {adaptToScroll: false}},
            noBreadcrumbs: true,
            // only lists have selectors
            ...(type === "list" ? {allowSelectors: false} : {}),
            showButtons: false,
            searchMenuTypes: ["filter"],
            limit: this.pageSize,
            loadIrFilters: false,
            selectRecord: (resId) => this.openSettlement(resId),
            createRecord: () => this.addSettlement(),
            __getGlobalState__: this.recorder,
            ...(globalState ? {globalState} : {}),
            ledger: {
                overview: this.overview,
                getPageSize: () => this.pageSize,
                setPageSize: (size) =>
                    browser.localStorage.setItem(this.pageSizeKey, String(size)),
                register: (searchModel, reload) => {
                    this.searchModel = searchModel;
                    this.reloadList = reload;
                },
                onLoaded: () => this.loadOverview(),
                add: () => this.addSettlement(),
                export: (format, domain) => this.exportRows(format, domain),
            },
        };
    }

    remember() {
        const globalState = Object.assign(
            {},
            ...this.recorder.callbacks.map((callback) => callback()),
        );
        rememberedStates.set(this.stateKey, {globalState, date: this.overview.date});
    }

    async loadOverview() {
        this.overview.data = await this.keepLast.add(
            this.orm.call("client.balance", "get_client_balance_overview", [
                this.props.clientId,
                this.overview.date,
            ]),
        );
    }

    setDate(date) {
        this.overview.date = date ? serializeDate(date) : false;
        return this.loadOverview();
    }

    get date() {
        return this.overview.date ? deserializeDate(this.overview.date) : false;
    }

    /** A click on a balance shows its settlements only; a second click all again. */
    filterByBalance(row) {
        this.searchModel?.toggleBalance(row);
    }

    addSettlement() {
        const bank = this.searchModel?.getChoice("bank");
        const currency = this.searchModel?.getChoice("currency");
        const context = {default_partner_id: this.props.clientId};
        if (bank !== undefined) {
            context.default_partner_bank_id = bank;
        }
        if (currency) {
            context.default_currency_id = currency;
        }
        return this.action.doAction(
            "client_balance.client_balance_settlement_add_action",
            {
                additionalContext: context,
                onClose: () => this.reloadList(),
            },
        );
    }

    openSettlement(resId) {
        this.dialog.add(FormViewDialog, {
            resModel: "client.balance.settlement",
            resId,
            title: _t("Settlement"),
            canExpand: false,
            preventCreate: true,
            onRecordSaved: () => this.reloadList(),
        });
    }

    exportRows(format, domain) {
        return download({
            url: "/client_balance/export",
            data: {data: JSON.stringify({format, domain})},
        });
    }
}
