import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {ClientBalanceLedger} from "./client_balance_ledger";

/**
 * The page "Client balance" of the client card: a thin shell.
 *
 * The ledger is keyed by the client, so that paging to another client, or saving a new
 * one in place, starts a fresh ledger instead of patching the old one.
 */
export class ClientBalancePage extends Component {
    static template = "client_balance.ClientBalancePage";
    static components = {ClientBalanceLedger};
    static props = {...standardWidgetProps};

    get clientId() {
        const {resId, data} = this.props.record;
        return resId && (data.commercial_partner_id?.id || resId);
    }
}

export const clientBalancePage = {
    component: ClientBalancePage,
    fieldDependencies: [{name: "commercial_partner_id", type: "many2one"}],
};

registry.category("view_widgets").add("client_balance_page", clientBalancePage);
