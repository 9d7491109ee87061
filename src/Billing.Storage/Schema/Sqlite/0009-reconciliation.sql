-- The comparisons of each payment method's days with its provider's records: the report, how far it came, and which host goes on with it until when.
CREATE TABLE reconciliations (
    method_id        text NOT NULL,
    day              text NOT NULL,
    status           text NOT NULL,
    round            integer NOT NULL,
    differing        integer NOT NULL,
    document         text NOT NULL,
    owner            text,
    owned_until      text,
    PRIMARY KEY (method_id, day)
) STRICT;

CREATE INDEX reconciliations_newest ON reconciliations (day DESC, method_id DESC);

-- What a provider's bill of a day says, while it is being compared.
CREATE TABLE reconciliation_lines (
    method_id        text NOT NULL,
    day              text NOT NULL,
    position         integer NOT NULL,
    payment_number   text NOT NULL,
    line             text NOT NULL,
    PRIMARY KEY (method_id, day, position)
) STRICT;

CREATE INDEX reconciliation_lines_of_payment ON reconciliation_lines (method_id, day, payment_number);
