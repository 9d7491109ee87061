import { Link } from "react-router";

/** The way to an order's page for administrators. */
export const OrderLink = ({ number }: { number: string }) => (
  <Link to={`/admin/orders/${number}`}>
    <code>{number}</code>
  </Link>
);

/** The way to an account's page. */
export const AccountLink = ({ accountId }: { accountId: string }) => <Link to={`/admin/accounts/${encodeURIComponent(accountId)}`}>{accountId}</Link>;
