import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Invoices of a settlement, each a link that opens it. */
export class InvoiceLinksField extends Component {
    static template = "client_balance.InvoiceLinksField";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
    }

    get invoices() {
        return this.props.record.data[this.props.name].records.map(({resId, data}) => ({
            id: resId,
            name: data.display_name,
        }));
    }

    open(id, newWindow) {
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: "account.move",
                res_id: id,
                views: [[false, "form"]],
            },
            {newWindow},
        );
    }
}

export const invoiceLinksField = {
    component: InvoiceLinksField,
    displayName: _t("Links to invoices"),
    supportedTypes: ["many2many"],
    relatedFields: [{name: "display_name", type: "char"}],
};

registry.category("fields").add("client_balance_invoice_links", invoiceLinksField);
