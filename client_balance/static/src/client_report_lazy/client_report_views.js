import {inReport} from "@client_balance/client_report/client_report_list";
import {registry} from "@web/core/registry";
import {graphView} from "@web/views/graph/graph_view";
import {pivotView} from "@web/views/pivot/pivot_view";

// core loads graphs and pivots late, in a bundle of their own
registry
    .category("views")
    .add("client_balance_report_pivot", inReport(pivotView))
    .add("client_balance_report_graph", inReport(graphView));
