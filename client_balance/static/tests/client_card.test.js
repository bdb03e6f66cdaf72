import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {expect, test} from "@odoo/hoot";
import {queryAllTexts, waitFor} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    makeMockServer,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class ClientBalance extends models.Model {
    _name = "client.balance";
}

class Settlement extends models.Model {
    _name = "client.balance.settlement";

    name = fields.Char();
    date = fields.Date();
    partner_id = fields.Many2one({relation: "res.partner"});
    partner_bank_id = fields.Many2one({relation: "res.partner.bank"});
    currency_id = fields.Many2one({relation: "res.currency"});
    company_id = fields.Many2one({relation: "res.company"});
    amount = fields.Monetary({currency_field: "currency_id"});
    is_reversed_pair = fields.Boolean();

    _views = {
        list: `<list create="0">
            <field name="name"/>
            <field name="currency_id" column_invisible="True"/>
            <field name="amount" widget="client_balance_signed_amount"/>
        </list>`,
        search: `<search>
            <field name="name"/>
            <filter name="hide_reversed" string="Hide reversed" domain="[('is_reversed_pair', '=', False)]"/>
        </search>`,
    };
}

class Bank extends models.Model {
    _name = "res.partner.bank";
    name = fields.Char();
}

defineMailModels();
defineModels([ClientBalance, Settlement, Bank]);

const FORM = `<form><field name="name"/><notebook>
    <page name="first" string="First"/>
    <page name="client_balance" string="Balance"><widget name="client_balance_page"/></page>
</notebook></form>`;

function makeOverview(amount = 30) {
    const balance = {
        id: 1,
        bank_id: 7,
        bank: "UA007",
        bank_active: true,
        currency_id: 1,
        currency: "USD",
        amount,
        limit: 0,
        available: amount,
        is_zero: false,
    };
    return {
        date: false,
        balances: [
            balance,
            {...balance, id: 2, bank_id: false, bank: false, is_zero: true},
        ],
        totals: [{currency_id: 1, amount}],
        nets: [{currency_id: 1, owes: 50, balance: amount, net: 50 - amount}],
        banks: [{id: 7, name: "UA007"}],
        currencies: [{id: 1, name: "USD"}],
        rights: {add: true, invoices: true},
    };
}

let calls = [];

async function mountCard(params = {}) {
    calls = [];
    const {env} = await makeMockServer();
    const clients = env["res.partner"].create([{name: "Azure"}, {name: "Gemini"}]);
    const [bank] = env["res.partner.bank"].create([{name: "UA007"}]);
    for (let index = 1; index <= 12; index++) {
        env["client.balance.settlement"].create({
            name: `S${index}`,
            partner_id: clients[0],
            partner_bank_id: index <= 2 ? bank : false,
            currency_id: 1,
            amount: index === 1 ? -5 : 5,
            is_reversed_pair: index === 12,
        });
    }
    onRpc("client.balance", "get_client_balance_overview", ({args}) => {
        calls.push(`overview of ${clients.indexOf(args[0])} on ${args[1]}`);
        const overview = makeOverview();
        overview.banks[0].id = bank;
        overview.balances[0].bank_id = bank;
        return overview;
    });
    onRpc("client.balance.settlement", "web_search_read", ({kwargs}) => {
        const own = kwargs.domain.filter(
            (leaf) => !["partner_id", "company_id"].includes(leaf[0]) && leaf !== "&",
        );
        calls.push(`search ${JSON.stringify(own)} ${kwargs.limit}`);
    });
    await mountView({
        type: "form",
        resModel: "res.partner",
        resId: clients[0],
        resIds: clients,
        arch: FORM,
        ...params,
    });
    return {bank, clients};
}

/** What was asked since the last look. */
function takeCalls() {
    return calls.splice(0);
}

const HIDDEN = `["is_reversed_pair","=",false]`;

async function openPage() {
    await contains("a[name=client_balance]").click();
    await waitFor(".o_client_balance_chip");
    await animationFrame();
}

test("nothing is asked before the page is opened, then each thing once", async () => {
    await mountCard();
    expect(takeCalls()).toEqual([]);
    await openPage();
    expect(takeCalls()).toEqual([`search [${HIDDEN}] 25`, "overview of 0 on false"]);
    expect(".o_data_row").toHaveCount(11);
});

test("one chip per balance that is not zero, and the net line in words", async () => {
    await mountCard();
    await openPage();
    expect(".o_client_balance_chip").toHaveCount(1);
    expect(".o_client_balance_net").toHaveText(
        /Owes \$\s50.00 − balance \$\s30.00 = to pay \$\s20.00/,
    );
    await contains(".o_client_balance_zero").click();
    expect(".o_client_balance_chip").toHaveCount(2);
});

test("amounts say their direction without colour", async () => {
    await mountCard();
    await openPage();
    const texts = queryAllTexts(".o_data_row td[name=amount]");
    expect(texts.filter((text) => text.startsWith("+"))).toHaveLength(10);
    expect(texts.filter((text) => /^−\D{0,2}5/.test(text))).toHaveLength(1);
});

test("the bank filter is a facet, and removing the facet clears it", async () => {
    const {bank} = await mountCard();
    await openPage();
    expect(takeCalls()).toEqual([`search [${HIDDEN}] 25`, "overview of 0 on false"]);
    await contains(".o_client_balance_bank").select(String(bank));
    await animationFrame();
    expect(".o_data_row").toHaveCount(2);
    expect(queryAllTexts(".o_client_balance_ledger .o_facet_value")).toEqual([
        "Hide reversed",
        "Bank account: UA007",
    ]);
    await contains(".o_client_balance_ledger .o_facet_remove:eq(1)").click();
    await animationFrame();
    expect(".o_data_row").toHaveCount(11);
    expect(".o_client_balance_bank").toHaveValue("all");
    expect(takeCalls()).toEqual([
        `search [${HIDDEN},["partner_bank_id","=",${bank}]] 25`,
        "overview of 0 on false",
        `search [${HIDDEN}] 25`,
        "overview of 0 on false",
    ]);
});

test("filters survive leaving the page and coming back", async () => {
    await mountCard();
    await openPage();
    await contains(".o_client_balance_bank").select("none");
    await animationFrame();
    expect(".o_data_row").toHaveCount(9);
    await contains("a[name=first]").click();
    await openPage();
    expect(".o_data_row").toHaveCount(9);
    expect(".o_client_balance_bank").toHaveValue("none");
    await contains(".o_client_balance_bank").select("all");
    await animationFrame();
    expect(".o_data_row").toHaveCount(11);
});

test("show reversed", async () => {
    await mountCard();
    await openPage();
    await contains(".o_client_balance_reversed").click();
    await animationFrame();
    expect(".o_data_row").toHaveCount(12);
    await contains(".o_client_balance_reversed").click();
    await animationFrame();
    expect(".o_data_row").toHaveCount(11);
});

test("the page size is remembered", async () => {
    await mountCard();
    await openPage();
    await contains(".o_client_balance_page_size").select("10");
    await animationFrame();
    expect(".o_data_row").toHaveCount(10);
    await contains("a[name=first]").click();
    await openPage();
    expect(".o_data_row").toHaveCount(10);
    expect(".o_client_balance_page_size").toHaveValue("10");
});

test("paging to another client shows its ledger", async () => {
    await mountCard();
    await openPage();
    expect(takeCalls()).toEqual([`search [${HIDDEN}] 25`, "overview of 0 on false"]);
    await contains(".o_form_view .o_control_panel_navigation .o_pager_next").click();
    await animationFrame();
    await animationFrame();
    expect(".o_data_row").toHaveCount(0);
    expect(takeCalls()).toEqual([`search [${HIDDEN}] 25`, "overview of 1 on false"]);
});

test("a client that is not saved is asked to be saved", async () => {
    await mountCard({resId: false});
    await contains("a[name=client_balance]").click();
    expect(".o_client_balance_unsaved").toHaveCount(1);
    expect(".o_client_balance_ledger").toHaveCount(0);
    expect(takeCalls()).toEqual([]);
});
