/** "As of a date" is an ordinary facet, so favourites and other views keep it. */
export const withDay = (SearchModel) =>
    class extends SearchModel {
        get _dayItem() {
            const element = this.query.find(
                ({searchItemId}) => this.searchItems[searchItemId].clientBalanceDay,
            );
            return element && this.searchItems[element.searchItemId];
        }

        /** @returns {string|false} ISO date whose end is shown */
        get day() {
            return this.context.client_balance_date || false;
        }

        /**
         * @param {string|false} day ISO date, or false for now
         * @param {string} description of the facet
         */
        setDay(day, description) {
            this.blockNotification = true;
            const facets = this.query.filter(({searchItemId}) =>
                String(this.searchItems[searchItemId].context || "").includes(
                    "client_balance_date",
                ),
            );
            for (const groupId of new Set(
                facets.map(({searchItemId}) => this.searchItems[searchItemId].groupId),
            )) {
                this.deactivateGroup(groupId);
            }
            if (this._dayItem) {
                const {id, groupId} = this._dayItem;
                this.deactivateGroup(groupId);
                delete this.searchItems[id];
            }
            if (day) {
                this.createNewFilters([
                    {
                        description,
                        domain: "[]",
                        context: {client_balance_date: day},
                        invisible: "True",
                        clientBalanceDay: day,
                    },
                ]);
            }
            this.blockNotification = false;
            this._notify();
        }
    };
