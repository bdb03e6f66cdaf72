import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {deserializeDate, formatDate, serializeDate} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {useBus} from "@web/core/utils/hooks";
import {ControlPanel} from "@web/search/control_panel/control_panel";

/** The toolbar of the client report: the day that is shown, and the export. */
export class ClientReportControlPanel extends ControlPanel {
    static template = "client_balance.ClientReportControlPanel";
    static components = {...ControlPanel.components, DateTimeInput};

    setup() {
        super.setup();
        useBus(this.env.searchModel, "update", () => this.render());
    }

    get isList() {
        return this.env.config.viewType === "list";
    }

    get day() {
        const {day} = this.env.searchModel;
        return day ? deserializeDate(day) : false;
    }

    onDay(date) {
        const description = date && _t("As of %s", formatDate(date));
        this.env.searchModel.setDay(date && serializeDate(date), description);
    }

    onExport() {
        this.env.searchModel.trigger("client-report-export");
    }
}
