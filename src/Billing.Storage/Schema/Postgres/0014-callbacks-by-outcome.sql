-- Nearly all callbacks are stored, and the newest ones are stored ones: an index of them costs every payment an entry and helps nobody.
DROP INDEX callbacks_by_outcome;
CREATE INDEX callbacks_by_outcome ON callbacks (outcome, received_at DESC, position DESC) WHERE outcome <> 'STORED';
