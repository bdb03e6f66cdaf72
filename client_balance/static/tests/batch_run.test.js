import {Deferred, animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class Batch extends models.Model {
    _name = "client.balance.batch";

    todo_count = fields.Integer();
    _records = [{id: 1, todo_count: 3}];
}

defineMailModels();
defineModels([Batch]);

const VIEW = {
    type: "form",
    resModel: "client.balance.batch",
    resId: 1,
    arch: `<form>
        <header><widget name="client_balance_batch_run"/></header>
        <sheet><field name="todo_count"/></sheet>
    </form>`,
};

test("a list is posted request by request until nothing is left", async () => {
    let todo = 3;
    onRpc("client.balance.batch", "run_batch", ({args}) => {
        expect(args[0]).toEqual([1]);
        todo -= 1;
        expect.step(`left ${todo}`);
        return {total: 3, todo, done: 3 - todo, failed: 0};
    });
    await mountView(VIEW);
    expect("button[name=run]").toHaveText(/3/);
    await contains("button[name=run]").click();
    await animationFrame();
    expect.verifySteps(["left 2", "left 1", "left 0"]);
    expect("button[name=stop]").toHaveCount(0);
});

test("stopping ends after the running request", async () => {
    const answer = new Deferred();
    onRpc("client.balance.batch", "run_batch", async () => {
        expect.step("request");
        await answer;
        return {total: 3, todo: 2, done: 1, failed: 0};
    });
    await mountView(VIEW);
    await contains("button[name=run]").click();
    expect("[role=progressbar]").toHaveCount(1);
    await contains("button[name=stop]").click();
    answer.resolve();
    await animationFrame();
    await animationFrame();
    expect.verifySteps(["request"]);
    expect("button[name=run]").toHaveCount(1);
});
