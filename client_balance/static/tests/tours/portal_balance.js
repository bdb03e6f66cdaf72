import {registry} from "@web/core/registry";

const PAY_DIALOG = "#client_balance_pay.show";

registry.category("web_tour.tours").add("client_balance_portal_pay", {
    steps: () => [
        {
            content: "Open the dialog on the invoice",
            trigger: "a[name='pay_from_balance']",
            run: "click",
        },
        {
            content: "See what is available",
            trigger: `${PAY_DIALOG} strong[name='available']:contains('600')`,
        },
        {
            content: "Pay a part",
            trigger: `${PAY_DIALOG} input[name='amount']`,
            run: "edit 400,50",
        },
        {
            content: "Confirm",
            trigger: `${PAY_DIALOG} button[name='confirm']`,
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is paid, and the rest can be paid online",
            trigger: "div[name='client_balance_notice'] a[name='pay_rest_online']",
            run: "click",
        },
        {
            content: "The provider is offered for the rest",
            trigger: "#pay_with.show #o_payment_form",
        },
    ],
});

registry.category("web_tour.tours").add("client_balance_portal_top_up", {
    steps: () => [
        {
            content: "Begin on the balance",
            trigger: "a[name='top_up']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Type an amount",
            trigger: "#top_up_amount",
            run: "edit 1 250,75",
        },
        {
            content: "Go on",
            trigger: "form[name='top_up'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Choose the provider",
            trigger: "div[name='pay_online'] input[name='o_payment_radio']",
            run: "click",
        },
        {
            content: "Type a card",
            trigger: "#customer_input",
            run: "edit 4242424242424242",
        },
        {
            content: "Pay",
            trigger: "button[name='o_payment_submit_button']:not(:disabled)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The money is there",
            trigger: "div[name='done']",
        },
    ],
});
