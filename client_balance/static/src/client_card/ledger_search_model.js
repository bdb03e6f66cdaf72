import {_t} from "@web/core/l10n/translation";
import {SearchModel} from "@web/search/search_model";

/**
 * Choices of the toolbar (bank account, currency, dates) are ordinary facets.
 *
 * The facet is the only truth: removing it clears the choice, and it survives leaving
 * the page like every other facet. Our own items carry the marker `clientBalance`.
 */
export class LedgerSearchModel extends SearchModel {
    _findChoice(kind) {
        const element = this.query.find(
            ({searchItemId}) => this.searchItems[searchItemId].clientBalance === kind,
        );
        return element && this.searchItems[element.searchItemId];
    }

    /** @returns {any} the chosen value, undefined where everything is shown */
    getChoice(kind) {
        return this._findChoice(kind)?.clientBalanceValue;
    }

    /**
     * @param {"bank" | "currency" | "period"} kind
     * @param {any} value undefined: show everything
     * @param {string} description of the facet
     * @param {string} domain
     */
    setChoice(kind, value, description, domain) {
        this.blockNotification = true;
        const previous = this._findChoice(kind);
        if (previous) {
            this.deactivateGroup(previous.groupId);
            delete this.searchItems[previous.id];
        }
        if (value !== undefined) {
            this.createNewFilters([
                {
                    description,
                    domain,
                    invisible: "True",
                    clientBalance: kind,
                    clientBalanceValue: value,
                },
            ]);
        }
        this.blockNotification = false;
        this._notify();
    }

    setBank(id, name) {
        const label =
            id === false ? _t("No bank account") : _t("Bank account: %s", name);
        const domain = `[("partner_bank_id", "=", ${id || "False"})]`;
        this.setChoice("bank", id, label, domain);
    }

    setCurrency(id, name) {
        const label = _t("Currency: %s", name);
        this.setChoice("currency", id, label, `[("currency_id", "=", ${id})]`);
    }

    toggleBalance(row) {
        const same =
            this.getChoice("bank") === row.bank_id &&
            this.getChoice("currency") === row.currency_id;
        this.setBank(same ? undefined : row.bank_id, row.bank);
        this.setCurrency(same ? undefined : row.currency_id, row.currency);
    }

    /** @param {{from: string|false, to: string|false}} period ISO dates */
    setPeriod(period, description) {
        const parts = [];
        if (period.from) {
            parts.push(`("date", ">=", "${period.from}")`);
        }
        if (period.to) {
            parts.push(`("date", "<=", "${period.to}")`);
        }
        const value = parts.length ? period : undefined;
        this.setChoice("period", value, description, `[${parts.join(", ")}]`);
    }

    get _hideReversedItem() {
        return Object.values(this.searchItems).find(
            (item) => item.name === "hide_reversed",
        );
    }

    get showsReversed() {
        const item = this._hideReversedItem;
        return !item || !this.query.some(({searchItemId}) => searchItemId === item.id);
    }

    toggleReversed() {
        const item = this._hideReversedItem;
        if (item) {
            this.toggleSearchItem(item.id);
        }
    }
}
