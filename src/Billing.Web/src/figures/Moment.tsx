import { useFigures } from "./useFigures";

/** A moment as people read it, and as programs do. */
export function Moment({ at }: { at: string }) {
  const { moment } = useFigures();
  return <time dateTime={at}>{moment(at)}</time>;
}
