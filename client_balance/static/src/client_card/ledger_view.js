import {useSubEnv} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {LedgerControlPanel} from "./ledger_control_panel";
import {LedgerSearchModel} from "./ledger_search_model";

/** Gives a controller the ledger around it; the view stays core's in every other way. */
function inLedger(Controller) {
    return class LedgerController extends Controller {
        static props = {...Controller.props, ledger: Object};

        setup() {
            const {ledger} = this.props;
            this.isFirstLoad = true;
            super.setup();
            useSubEnv({
                clientBalanceLedger: {...ledger, refresh: () => this.model.load()},
            });
            ledger.register(this.env.searchModel, () => this.model.load());
        }

        /** Every reload of the list (edit, delete, add, refresh) renews the balances. */
        get modelParams() {
            const params = super.modelParams;
            params.hooks = {
                ...params.hooks,
                onRootLoaded: () => {
                    if (!this.isFirstLoad) {
                        this.props.ledger.onLoaded();
                    }
                    this.isFirstLoad = false;
                },
            };
            return params;
        }
    };
}

export function makeLedgerView(view) {
    return {
        ...view,
        Controller: inLedger(view.Controller),
        ControlPanel: LedgerControlPanel,
        SearchModel: LedgerSearchModel,
    };
}

registry
    .category("views")
    .add("client_balance_ledger_list", makeLedgerView(listView))
    .add("client_balance_ledger_kanban", makeLedgerView(kanbanView));
