import {registry} from "@web/core/registry";

const dialog = ".modal .o_form_view ";

/** Open the dialog of the invoice on screen and type what the client has paid. */
function receive(amount) {
    return [
        {
            content: "Open the payment dialog",
            trigger: "button[name=action_register_payment]",
            run: "click",
        },
        {
            content: "Both boxes are absent while the amount is right",
            trigger: `${dialog}:not(:has([name=to_client_balance] input, [name=from_client_balance] input)) [name=amount] input`,
            run: `edit ${amount} && press Tab`,
        },
    ];
}

function tick(box) {
    return {
        content: "Tick the box",
        trigger: `${dialog}[name=${box}] input:enabled`,
        run: "click",
    };
}

const confirm = {
    content: "Create the payment",
    trigger: ".modal footer button[name=action_create_payments]:visible",
    run: "click",
};

/** From the invoice to the client card, and from there to the ledger. */
function lookAtClient(balance, type, amount) {
    return [
        {
            content: "Open the client card",
            trigger: ".o_form_view .o_field_widget[name=partner_id] a",
            run: "click",
        },
        {
            content: "The client card shows the balance",
            trigger: `button[name=action_open_client_balance]:contains(${balance})`,
            run: "click",
        },
        {
            content: "The ledger shows the settlement",
            trigger: `.o_list_view .o_data_row:contains(${type}):contains(${amount})`,
        },
    ];
}

registry.category("web_tour.tours").add("client_balance_overpayment", {
    steps: () => [
        ...receive("20159"),
        {
            content: "The difference is shown",
            trigger: `${dialog}[name=client_balance_difference]:contains(159.00)`,
        },
        tick("to_client_balance"),
        {
            content: "The dialog says on which bank account the money goes",
            trigger: `${dialog}[name=client_balance_bank_id] input:value(UA001111)`,
        },
        confirm,
        {
            content: "The invoice is paid and shows what went to the balance",
            trigger:
                ".o_form_view:has(.text-bg-success:contains(Paid)) [name=client_balance_credited]:contains(159.00)",
        },
        ...lookAtClient("159.00", "Overpayment", "159.00"),
    ],
});

registry.category("web_tour.tours").add("client_balance_write_off", {
    steps: () => [
        ...receive("8500"),
        {
            content: "The available balance stands beside the box",
            trigger: `${dialog}[name=client_balance_available]:contains(2,000.00)`,
        },
        tick("from_client_balance"),
        {
            content: "The shortfall is proposed",
            trigger: `${dialog}[name=client_balance_amount] input:value(1,500.00)`,
        },
        confirm,
        {
            content: "The invoice is paid and shows what came from the balance",
            trigger:
                ".o_form_view:has(.text-bg-success:contains(Paid)) [name=client_balance_spent]:contains(1,500.00)",
        },
        ...lookAtClient("500.00", "Write-off", "−1,500.00"),
    ],
});
