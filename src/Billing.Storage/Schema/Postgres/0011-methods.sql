-- The callbacks of one payment method: what is counted and what was last believed of them is read from the index alone.
CREATE INDEX callbacks_of_method ON callbacks (method_id, received_at DESC, position DESC) INCLUDE (outcome, replay_of);
