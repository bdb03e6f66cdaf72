import {registry} from "@web/core/registry";

const row = ".o_client_balance_ledger .o_data_row";

registry.category("web_tour.tours").add("client_balance_client_card", {
    steps: () => [
        {
            content: "Open the page",
            trigger: ".o_notebook a[name=client_balance]",
            run: "click",
        },
        {
            content: "Add a settlement",
            trigger: ".o_client_balance_add",
            run: "click",
        },
        {
            content: "The available balance is shown",
            trigger: ".modal [name=available]:contains(1,000.00)",
        },
        {
            trigger: ".modal [name=amount] input",
            run: "edit 159 && press Tab",
        },
        {
            content: "The dialog says what the balance will be",
            trigger: ".modal [name=balance_then]:contains(1,159.00)",
        },
        {
            trigger: ".modal [name=description] input",
            run: "edit Compensation && press Tab",
        },
        {
            trigger: ".modal footer button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "The row is there and the chip follows",
            trigger: `body:has(.o_client_balance_chip:contains(1,159.00)) ${row}:contains(Compensation):contains(+159.00)`,
        },
        {
            content: "Delete it: it is reversed",
            trigger: `${row}:contains(Compensation) button[name=action_delete]`,
            run: "click",
        },
        {
            trigger: ".modal footer button:contains(Reverse)",
            run: "click",
        },
        {
            content: "The pair is hidden and the chip follows",
            trigger: `body:not(:has(${row}:contains(Compensation))) .o_client_balance_chip:contains(1,000.00)`,
        },
        {
            content: "Show the pair",
            trigger: ".o_client_balance_reversed",
            run: "click",
        },
        {
            trigger: `${row}:contains(Reversal):contains(−159.00):contains(reverses no.)`,
        },
    ],
});
