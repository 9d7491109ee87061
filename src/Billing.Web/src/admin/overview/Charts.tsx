import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";

export interface Series {
  key: string;
  name: string;
  colour: "accent" | "good" | "warn" | "quiet";
}

/** Bars side by side. It is for the eyes: the same figures stand in a table beside it. */
export default function Charts({ data, series, format }: { data: readonly Record<string, string | number>[]; series: readonly Series[]; format: (value: number) => string }) {
  return (
    <ResponsiveContainer width="100%" height={240}>
      <BarChart data={[...data]} margin={{ top: 8, right: 8, bottom: 0, left: 8 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis dataKey="at" stroke="var(--quiet)" tick={{ fill: "var(--quiet)", fontSize: 13 }} tickLine={false} />
        <YAxis width="auto" allowDecimals={false} stroke="var(--quiet)" tick={{ fill: "var(--quiet)", fontSize: 13 }} tickFormatter={format} tickLine={false} axisLine={false} />
        <Tooltip
          cursor={{ fill: "var(--accent-tint)" }}
          contentStyle={{ background: "var(--panel)", border: "1px solid var(--line)", borderRadius: 10, color: "var(--ink)" }}
          formatter={(value) => format(Number(value))}
        />
        <Legend formatter={(name: string) => <span className="legend">{name}</span>} />
        {series.map(({ key, name, colour }) => (
          <Bar key={key} dataKey={key} name={name} fill={`var(--${colour})`} radius={[4, 4, 0, 0]} isAnimationActive={false} />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}
