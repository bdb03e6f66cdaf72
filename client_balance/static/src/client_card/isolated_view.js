import {Component, useSubEnv, xml} from "@odoo/owl";
import {View, getDefaultConfig} from "@web/views/view";

/**
 * A view inside of another one that shares nothing with it.
 *
 * Without its own config it would take over the views, breadcrumbs and pager of the
 * form around it.
 */
export class IsolatedView extends Component {
    static template = xml`<View t-props="props.viewProps" />`;
    static components = {View};
    static props = {viewProps: Object};

    setup() {
        useSubEnv({
            config: {...getDefaultConfig(), disableSearchBarAutofocus: true},
            inDialog: false,
        });
    }
}
