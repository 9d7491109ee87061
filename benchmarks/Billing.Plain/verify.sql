-- All columns are 0 when no money was lost or made.
SELECT
    (SELECT count(*) FROM accounts LEFT JOIN (SELECT account, sum(credits) AS credits FROM ledger GROUP BY account) AS entries ON entries.account = accounts.id
        WHERE balance <> coalesce(entries.credits, 0)) AS balances_that_differ_from_the_ledger,
    (SELECT count(*) FROM orders LEFT JOIN ledger ON ledger.order_id = orders.id
        WHERE (paid_at IS NOT NULL) <> (ledger.id IS NOT NULL)) AS paid_without_credit_or_credited_without_payment,
    (SELECT count(*) FROM redemptions LEFT JOIN ledger ON ledger.redemption_id = redemptions.id WHERE ledger.id IS NULL)
        + (SELECT count(*) FROM codes LEFT JOIN (SELECT code, count(*) AS times FROM redemptions GROUP BY code) AS redeemed ON redeemed.code = codes.code
            WHERE redemptions <> coalesce(redeemed.times, 0)) AS redeemed_without_credit_or_counted_wrongly;
