import {useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {download} from "@web/core/network/download";
import {registry} from "@web/core/registry";
import {SearchModel} from "@web/search/search_model";
import {KeepLast} from "@web/core/utils/concurrency";
import {useBus, useService} from "@web/core/utils/hooks";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {ListController} from "@web/views/list/list_controller";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {ClientReportControlPanel} from "./client_report_control_panel";
import {withDay} from "./client_report_search_model";

const formatters = registry.category("formatters");

/** Totals in the footer are those of the whole filter, not of the loaded page. */
export class ClientReportRenderer extends ListRenderer {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.totals = useState({key: false, values: {}});
    }

    computeAggregates() {
        const aggregates = super.computeAggregates();
        const {list} = this.props;
        const isWhole = !list.isGrouped && list.records.length >= list.count;
        if (list.selection.length || isWhole || list.model.useSampleModel) {
            return aggregates;
        }
        const columns = this.columns.filter(
            (column) => column.type === "field" && column.name in aggregates,
        );
        const key = this.getTotalsKey(columns);
        if (this.totals.key !== key) {
            this.loadTotals(key, columns);
        }
        for (const column of columns) {
            const total = this.totals.key === key && this.totals.values[column.name];
            aggregates[column.name] = {
                ...aggregates[column.name],
                ...this.formatTotal(column, total),
            };
        }
        return aggregates;
    }

    getTotalsKey(columns) {
        const {list} = this.props;
        return JSON.stringify([
            list.domain,
            list.context.client_balance_date,
            columns.map((column) => column.name),
            list.model.clientReportVersion,
        ]);
    }

    async loadTotals(key, columns) {
        if (this.loadingKey === key) {
            return;
        }
        this.loadingKey = key;
        const {list} = this.props;
        const sums = columns.map((column) => `${column.name}:sum`);
        const currencies = new Set(
            columns.map(
                (column) => `${this.getCurrencyField(column)}:array_agg_distinct`,
            ),
        );
        const [row] = await this.keepLast.add(
            this.orm.formattedReadGroup(
                list.resModel,
                list.domain,
                [],
                [...sums, ...currencies],
                {context: list.context},
            ),
        );
        const values = {};
        for (const column of columns) {
            values[column.name] = {
                value: row[`${column.name}:sum`] || 0,
                currencies:
                    row[`${this.getCurrencyField(column)}:array_agg_distinct`] || [],
            };
        }
        Object.assign(this.totals, {key, values});
    }

    /** Amounts of different currencies have no total. */
    formatTotal(column, total) {
        if (!total) {
            return {value: "…", multiCurrency: false, rawValue: 0};
        }
        if (total.currencies.length > 1) {
            return {
                value: "—",
                help: _t("These companies keep their books in different currencies."),
                multiCurrency: false,
                rawValue: 0,
            };
        }
        const value = formatters.get("monetary")(total.value, {
            currencyId: total.currencies[0],
            escape: true,
        });
        return {value, multiCurrency: false, rawValue: total.value};
    }
}

export class ClientReportController extends ListController {
    setup() {
        super.setup();
        useBus(this.env.searchModel, "client-report-export", () => this.exportReport());
    }

    /** Every reload of the list asks for the totals anew. */
    get modelParams() {
        const params = super.modelParams;
        const {onRootLoaded} = params.hooks || {};
        params.hooks = {
            ...params.hooks,
            onRootLoaded: (root) => {
                this.model.clientReportVersion =
                    (this.model.clientReportVersion || 0) + 1;
                return onRootLoaded?.(root);
            },
        };
        return params;
    }

    exportReport() {
        const {root} = this.model;
        const ids = root.selection.map((record) => record.resId);
        return download({
            url: "/client_balance/report/export",
            data: {
                data: JSON.stringify({
                    domain: ids.length ? [["id", "in", ids]] : root.domain,
                    fields: this.getReportFields(),
                    order: root.orderBy
                        .map(({name, asc}) => `${name} ${asc ? "asc" : "desc"}`)
                        .join(", "),
                    date: root.context.client_balance_date || false,
                    company_ids: root.context.allowed_company_ids,
                }),
            },
        });
    }

    /** The columns as they are on the screen. */
    getReportFields() {
        return this.props.archInfo.columns
            .filter(
                (column) =>
                    column.type === "field" &&
                    (!column.optional || this.optionalActiveFields[column.name]) &&
                    !this.evalViewModifier(column.column_invisible),
            )
            .map((column) => column.name);
    }
}

/** The view with the day beside its search box. */
export const inReport = (view) => ({
    ...view,
    ControlPanel: ClientReportControlPanel,
    SearchModel: withDay(view.SearchModel || SearchModel),
});

registry
    .category("views")
    .add("client_balance_report_list", {
        ...inReport(listView),
        Controller: ClientReportController,
        Renderer: ClientReportRenderer,
    })
    .add("client_balance_report_kanban", inReport(kanbanView));
