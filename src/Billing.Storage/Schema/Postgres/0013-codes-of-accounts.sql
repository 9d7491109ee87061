-- The codes of a batch that were given to an account, in their order.
CREATE INDEX redemption_codes_of_account ON redemption_codes (assigned_to, batch_id, ordinal) WHERE assigned_to IS NOT NULL;
