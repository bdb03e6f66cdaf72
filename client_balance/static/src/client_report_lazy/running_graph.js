import {registry} from "@web/core/registry";
import {getGroupBy} from "@web/search/utils/group_by";
import {GraphModel} from "@web/views/graph/graph_model";
import {graphView} from "@web/views/graph/graph_view";

/**
 * Balances over time, each line in its own currency.
 *
 * Core's graph converts everything as soon as two currencies meet, and adds them up
 * where nothing keeps them apart. A balance does neither.
 */
export class RunningGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const {fields, measure} = metaData;
        // stacked lines would be sums of currencies
        metaData.stacked = false;
        const groupBy = [...metaData.groupBy];
        if (!groupBy.some(({fieldName}) => fieldName === "currency_id")) {
            groupBy.push(getGroupBy("currency_id", fields));
        }
        const amount = {...fields[measure], currency_field: undefined};
        const alike = {...metaData, groupBy, fields: {...fields, [measure]: amount}};
        const result = await super._loadDataPoints(alike);
        metaData.allIntegers = alike.allIntegers;
        return result;
    }
}

registry.category("views").add("client_balance_running_graph", {
    ...graphView,
    Model: RunningGraphModel,
});
