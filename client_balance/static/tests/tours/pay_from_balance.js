import { registry } from "@web/core/registry";

const offer = ".o_client_balance_apply";

registry.category("web_tour.tours").add("client_balance_apply", {
    steps: () => [
        {
            content: "The invoice offers the balance",
            trigger: `${offer}:contains(1,500.00) button:contains(Apply)`,
            run: "click",
        },
        {
            content: "The invoice is paid",
            trigger: ".js_payment_info",
            run: "click",
        },
        {
            content: "Take the payment back",
            trigger: ".account_payment_popover .js_unreconcile_payment",
            run: "click",
        },
        {
            content: "The money is offered again",
            trigger: `${offer}:contains(1,500.00)`,
        },
    ],
});

registry.category("web_tour.tours").add("client_balance_pay_dialog", {
    steps: () => [
        {
            content: "Open the dialog",
            trigger: "button[name=action_pay_from_client_balance]",
            run: "click",
        },
        {
            content: "It proposes what is due",
            trigger: ".modal .o_data_row:contains(1,500.00) [name=amount]:contains(1,000.00)",
            run: "click",
        },
        {
            content: "Take less",
            trigger: ".modal .o_data_row [name=amount] input",
            run: "edit 600 && press Tab",
        },
        {
            content: "The rest stays due",
            trigger: ".modal [name=amount_left]:contains(400.00)",
        },
        {
            content: "Pay",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The invoice shows what the balance paid",
            trigger: ".o_form_view:has(.js_payment_info) [name=amount_residual]:contains(400.00)",
        },
    ],
});

registry.category("web_tour.tours").add("client_balance_deposit_dialog", {
    steps: () => [
        {
            content: "Open the dialog",
            trigger: "button[name=action_to_client_balance]",
            run: "click",
        },
        {
            content: "All that is open is proposed",
            trigger: ".modal [name=amount] input:value(2,400.00)",
        },
        {
            content: "Put it on the balance",
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Nothing is left open",
            trigger: ".o_form_view:not(:has(button[name=action_to_client_balance])) .js_payment_info",
        },
    ],
});
