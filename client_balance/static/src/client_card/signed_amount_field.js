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
        return this.value > 0 ? `+${value}` : value.replace("-", "−");
    }
}

registry.category("fields").add("client_balance_signed_amount", {
    ...monetaryField,
    component: SignedAmountField,
    displayName: _t("Signed amount"),
});
