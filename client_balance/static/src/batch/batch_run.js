import {Component, onWillUnmount, status, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** Lines that one request posts: short enough to show progress and to stop soon. */
const LINES_PER_REQUEST = 20;

/**
 * Posts the selected lines of a list, a few per request, and shows how far it is.
 * Stopping ends after the running request: each line is posted as a whole or not.
 */
export class ClientBalanceBatchRun extends Component {
    static template = "client_balance.BatchRun";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({running: false, stopping: false, done: 0, all: 0});
        onWillUnmount(() => {
            this.state.stopping = true;
        });
    }

    get todo() {
        return this.props.record.data.todo_count;
    }

    get percent() {
        return this.state.all
            ? Math.round((100 * this.state.done) / this.state.all)
            : 0;
    }

    async run() {
        const {record} = this.props;
        if (this.state.running || !(await record.save({reload: true}))) {
            return;
        }
        Object.assign(this.state, {
            running: true,
            stopping: false,
            done: 0,
            all: this.todo,
        });
        try {
            while (!this.state.stopping) {
                const counts = await this.orm.call(record.resModel, "run_batch", [
                    [record.resId],
                    LINES_PER_REQUEST,
                ]);
                this.state.done = this.state.all - counts.todo;
                if (!counts.todo) {
                    break;
                }
            }
        } finally {
            this.state.running = false;
            if (status(this) !== "destroyed") {
                await record.load();
            }
        }
    }

    stop() {
        this.state.stopping = true;
    }
}

registry.category("view_widgets").add("client_balance_batch_run", {
    component: ClientBalanceBatchRun,
    fieldDependencies: [{name: "todo_count", type: "integer"}],
});
