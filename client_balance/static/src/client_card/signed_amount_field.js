import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {MonetaryField, monetaryField} from "@web/views/fields/monetary/monetary_field";

/** An amount that says its direction by a sign too, not by colour alone. */
export class SignedAmountField extends MonetaryField {
    get formattedValue() {
        const value = super.formattedValue;
        if (!this.props.readonly) {
            return value;
        }
        // Before a currency's sign as well: +$ 150 and −$ 100, not $ −100.
        const amount = value.replace("-", "");
        return this.value > 0 ? `+${amount}` : this.value < 0 ? `−${amount}` : amount;
    }
}

registry.category("fields").add("client_balance_signed_amount", {
    ...monetaryField,
    component: SignedAmountField,
    displayName: _t("Signed amount"),
});
