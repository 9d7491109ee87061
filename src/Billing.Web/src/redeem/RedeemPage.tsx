import { Button, Input } from "antd";
import { useRef, useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";
import { act, ask, Failed as Refused } from "../api/client";
import type { Failure } from "../api/failure";
import { failureIn, usePages } from "../api/hooks";
import { Moment } from "../figures/Moment";
import { useFigures } from "../figures/useFigures";
import { Grants, useGrantText } from "../grants/Grants";
import { Field } from "../shell/Field";
import { Page } from "../shell/Page";
import { Failed, Loading, Nothing, SignInFirst } from "../shell/States";
import { useSession } from "../shell/session";
import { LookAtCodeDocument, MyRedemptionsDocument, RedeemCodeDocument, type LookAtCodeQuery, type RedeemCodeMutation, type RedemptionLineFragment } from "./redeem.generated";
import "./redeem.css";

/** As long as the service takes codes, whatever stands between their letters. */
const longestCode = 64;

type Preview = LookAtCodeQuery["redemptionPreview"];
type Problem = Preview["errors"][number];
type Redeemed = RedeemCodeMutation["redeemCode"];

/** The wish to redeem a code once more has its name from the redemption that was the account's latest when it was confirmed: each repeat has another, and none is sent twice. */
const onceMore = (earlier: string): string => `after:${earlier}`;

/** Looking at a code first and redeeming it then are two steps: nothing is used up by looking. */
export default function RedeemPage() {
  const { t } = useTranslation();
  const { person, ended } = useSession();
  const [round, setRound] = useState(0);
  return (
    <Page title={t("redeem.title")}>
      {person || ended ? (
        <div className="redeem">
          <Code redeemed={() => setRound((before) => before + 1)} />
          <section aria-labelledby="history">
            <h2 id="history">{t("redeem.history")}</h2>
            <History key={round} />
          </section>
        </div>
      ) : (
        <SignInFirst text={t("redeem.signIn")} />
      )}
    </Page>
  );
}

function Code({ redeemed }: { redeemed: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [empty, setEmpty] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly Problem[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [found, setFound] = useState<Preview>();
  const [done, setDone] = useState<Redeemed>();
  const under = useRef(false);

  const run = async (what: () => Promise<void>) => {
    if (under.current) return;
    under.current = true;
    setBusy(true);
    setFailure(undefined);
    setProblems([]);
    try {
      await what();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFailure(failureIn(error));
    } finally {
      under.current = false;
      setBusy(false);
    }
  };
  const look = () =>
    run(async () => {
      const { redemptionPreview: seen } = await ask(LookAtCodeDocument, { code });
      // Whoever has what the code gives is told so; why it would not give it again is no problem of theirs.
      if (seen.redeemable || seen.earlier) setFound(seen);
      else setProblems(seen.errors);
    });
  // The same code again is the same wish, and so is once more after the same redemption: trying again after a lost answer, even on another page, cannot use it up twice.
  const redeem = () =>
    run(async () => {
      const { redeemCode } = await act(RedeemCodeDocument, { input: { code, idempotencyKey: found?.earlier ? onceMore(found.earlier.id) : null } });
      setProblems(redeemCode.errors ?? []);
      setFound(undefined);
      if (!redeemCode.redemption) return;
      setDone(redeemCode);
      setCode("");
      redeemed();
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setEmpty(code.trim() === "");
    if (code.trim() !== "") void look();
  };

  if (done) return <Done redeemed={done} other={() => setDone(undefined)} />;
  if (found) {
    return (
      <section className={found.earlier ? "panel done" : "panel"}>
        {found.earlier ? (
          <Earlier line={found.earlier} />
        ) : (
          <p>
            <code>{code}</code>
          </p>
        )}
        {found.redeemable && (
          <>
            <h2>{t(found.earlier ? "redeem.more" : "redeem.gives")}</h2>
            <Grants grants={found.grants} />
          </>
        )}
        <Problems problems={problems} />
        {failure && <Failed failure={failure} again={() => void redeem()} />}
        <div className="actions">
          {found.redeemable && (
            <Button type="primary" size="large" autoFocus={!found.earlier} loading={busy} onClick={() => void redeem()}>
              {t(found.earlier ? "redeem.again" : "redeem.confirm")}
            </Button>
          )}
          <Button type={found.redeemable ? "text" : "default"} autoFocus={!found.redeemable} onClick={() => (setFound(undefined), setFailure(undefined), setCode(found.earlier ? "" : code))}>
            {t("redeem.other")}
          </Button>
        </div>
      </section>
    );
  }
  return (
    <form className="panel" onSubmit={submit} noValidate>
      <Field label={t("redeem.code")} hint={t("redeem.hint")} error={empty ? t("redeem.empty") : problems.length > 0 ? <Problems problems={problems} /> : undefined}>
        {(wiring) => (
          // A code is nobody's but the account's: the browser shall not offer it to the next person.
          <Input
            {...wiring}
            className="code"
            value={code}
            maxLength={longestCode}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            onChange={({ target }) => (setCode(target.value), setEmpty(false), setProblems([]))}
          />
        )}
      </Field>
      {failure && <Failed failure={failure} again={() => void look()} />}
      <Button type="primary" size="large" block htmlType="submit" loading={busy}>
        {t("redeem.look")}
      </Button>
    </form>
  );
}

function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t } = useTranslation();
  return problems.map((problem) => (
    <span key={problem.__typename} className="wrong">
      {problem.message} {problem.__typename === "RateLimited" && t("redeem.wait", { count: problem.retryAfterSeconds })}
    </span>
  ));
}

/** What the account has of the code already: to whoever comes back after a lost answer it is the answer. */
function Earlier({ line }: { line: RedemptionLineFragment }) {
  const { t } = useTranslation();
  const { moment, day } = useFigures();
  return (
    <>
      <div className="stage" aria-hidden>
        <span>✓</span>
      </div>
      <div role="status">
        <h2>{t("redeem.earlier", { at: moment(line.at) })}</h2>
        <Grants grants={line.grants} />
        {line.reversedAt && <p className="quiet">{t("redeem.reversed", { at: day(line.reversedAt) })}</p>}
      </div>
    </>
  );
}

function Done({ redeemed, other }: { redeemed: Redeemed; other: () => void }) {
  const { t } = useTranslation();
  const { credits } = useFigures();
  return (
    <section className="panel done">
      <div className={redeemed.replayed ? "stage" : "stage festive"} aria-hidden>
        {Array.from({ length: 14 }, (_, at) => (
          <i key={at} />
        ))}
        <span>✓</span>
      </div>
      <div role="status">
        <h2>{t(redeemed.replayed ? "redeem.already" : "redeem.done")}</h2>
        <Grants grants={redeemed.redemption?.grants ?? []} />
        {redeemed.account && <p>{t("redeem.balance", { credits: credits(redeemed.account.credits) })}</p>}
      </div>
      <Button onClick={other}>{t("redeem.other")}</Button>
    </section>
  );
}

function History() {
  const { t } = useTranslation();
  const { day } = useFigures();
  const text = useGrantText();
  const { nodes, failure, loading, more, again } = usePages(MyRedemptionsDocument, { first: 20 }, ({ me }) => me?.redemptions);
  if (failure && !nodes) return <Failed failure={failure} again={again} />;
  if (!nodes) return <Loading lines={3} />;
  if (nodes.length === 0) return <Nothing text={t("redeem.none")} />;
  return (
    <>
      <ul className="cards">
        {nodes.map((line) => (
          <li key={line.id} className="panel">
            <p className="name">
              <code>{line.masked}</code>
              <span className="quiet">
                <Moment at={line.at} />
              </span>
            </p>
            <p>
              {line.grants.map(text).join(" · ")}
              {line.reversedAt && <span className="quiet"> ({t("redeem.reversed", { at: day(line.reversedAt) })})</span>}
            </p>
          </li>
        ))}
      </ul>
      {failure && <Failed failure={failure} again={again} />}
      {more && !failure && (
        <Button block loading={loading} onClick={more}>
          {t("states.more")}
        </Button>
      )}
    </>
  );
}
