import { createContext, useContext } from "react";

/** Says that something was done, to eyes and ears. */
export const Tell = createContext<(text: string) => void>(() => undefined);

export const useTell = () => useContext(Tell);
