import { App, ConfigProvider, theme as themes, type ThemeConfig } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { createContext, useContext, useLayoutEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { keep, kept } from "./kept";
import { palette, type Palette } from "./palette";
import { nonce, settings } from "./settings";

/** Light or dark as the system says, or as somebody chose here. */
export type Scheme = "system" | "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const Choice = createContext<{ scheme: Scheme; choose: (scheme: Scheme) => void; dark: boolean }>({ scheme: "system", choose: () => undefined, dark: false });

export const useScheme = () => useContext(Choice);

/** Whether a media query holds, now and as it changes. */
export function useMedia(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => (query.addEventListener("change", changed), () => query.removeEventListener("change", changed)),
    () => query.matches,
  );
}

/** Colours, language and manners of the components. */
export function Theme({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [scheme, setScheme] = useState<Scheme>(() => {
    const written = kept("scheme");
    return written === "light" || written === "dark" ? written : "system";
  });
  const systemIsDark = useMedia(system);
  const still = useMedia(calm);
  const dark = scheme === "system" ? systemIsDark : scheme === "dark";
  const colours = useMemo(() => palette(settings.brand.color, dark), [dark]);

  useLayoutEffect(() => {
    const { style } = document.documentElement;
    style.colorScheme = dark ? "dark" : "light";
    for (const [name, value] of Object.entries(colours)) style.setProperty(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, value);
  }, [colours, dark]);

  const choice = useMemo(
    () => ({ scheme, dark, choose: (chosen: Scheme) => (keep("scheme", chosen === "system" ? null : chosen), setScheme(chosen)) }),
    [scheme, dark],
  );
  const config = useMemo(() => themeOf(colours, dark, still), [colours, dark, still]);
  return (
    <Choice value={choice}>
      <ConfigProvider locale={i18n.language === "zh-Hans" ? zhCN : enUS} theme={config} button={{ autoInsertSpace: false }} {...(nonce ? { csp: { nonce } } : {})}>
        <App component={false}>{children}</App>
      </ConfigProvider>
    </Choice>
  );
}

// The components' own greys and signal colours are too pale to be read by everybody; ours are tested.
function themeOf(colours: Palette, dark: boolean, still: boolean): ThemeConfig {
  const { ink, quiet, panel, paper, line, field, accent, accentStrong, onAccent, accentTint, good, goodTint, warn, warnTint, alert, alertTint } = colours;
  return {
    cssVar: { key: "billing" },
    hashed: false,
    algorithm: [
      dark ? themes.darkAlgorithm : themes.defaultAlgorithm,
      (_seed, map) => ({
        ...map!,
        colorPrimary: accent,
        colorPrimaryHover: accentStrong,
        colorPrimaryActive: accentStrong,
        colorPrimaryText: accent,
        colorPrimaryBg: accentTint,
        colorLink: accent,
        colorLinkHover: accentStrong,
        colorLinkActive: accentStrong,
        colorSuccess: good,
        colorSuccessText: good,
        colorSuccessBg: goodTint,
        colorWarning: warn,
        colorWarningText: warn,
        colorWarningBg: warnTint,
        colorError: alert,
        colorErrorHover: alert,
        colorErrorActive: alert,
        colorErrorText: alert,
        colorErrorBg: alertTint,
        colorInfo: accent,
        colorInfoBg: accentTint,
        colorText: ink,
        colorTextSecondary: quiet,
        colorTextTertiary: quiet,
        colorTextQuaternary: quiet,
        colorBgContainer: panel,
        colorBgElevated: panel,
        colorBgLayout: paper,
        colorBorder: field,
        colorBorderSecondary: line,
      }),
    ],
    token: { fontSize: 16, controlHeight: 44, borderRadius: 10, motion: !still, fontFamily: "inherit", colorTextLightSolid: onAccent, lineWidthFocus: 3 },
    components: { Button: { primaryColor: onAccent, primaryShadow: "none", defaultShadow: "none", fontWeight: 600 } },
  };
}
