namespace RdmaCollectives.Tool.Reports;

/// <summary>The style sheet of the report. Without &lt;, &gt; and &amp;, which XML and HTML read differently here.</summary>
internal static class PageStyle
{
    /// <summary>Lines of a plot that can be shown alone; more than a legend shows at once.</summary>
    private const int LinesShownAlone = 64;

    /// <summary>The colours have a contrast of at least 5 to 1 with the paper, in light and in dark.</summary>
    private const string Fixed =
        """

        :root { color-scheme: light dark; --paper: #ffffff; --ink: #1b1f24; --faint: #59636e; --rule: #e4e8ec; --edge: #9aa4ae; --bad: #b3261e;
          --c0: #0067a8; --c1: #c2410c; --c2: #00785a; --c3: #9c2f7f; --c4: #7a5c00; --c5: #3f3f46; --c6: #5b4fc7; --c7: #a8123a; }
        @media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6e9ec; --faint: #9aa5b1; --rule: #2a3138; --edge: #5d6873; --bad: #ff8a80;
          --c0: #58b4f0; --c1: #ff9a55; --c2: #38cfa2; --c3: #eb9ad2; --c4: #e3c044; --c5: #cdd3d9; --c6: #aaa2ff; --c7: #ff8099; } }
        body { margin: 0 auto; padding: 28px 24px 60px; max-width: 1180px; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
        h1 { font-size: 26px; margin: 0 0 14px; }
        h2 { font-size: 20px; margin: 44px 0 2px; padding-top: 14px; border-top: 1px solid var(--rule); }
        p { margin: 4px 0 10px; max-width: 90ch; }
        .faint, figcaption { color: var(--faint); }
        .bad { color: var(--bad); font-weight: 700; }
        code { font: 13px ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; margin: 0 0 18px; }
        dt { color: var(--faint); }
        dd { margin: 0; }
        nav a { color: inherit; margin-right: 14px; }
        .plots { display: flex; flex-wrap: wrap; gap: 12px 24px; }
        figure { margin: 0; flex: 1 1 480px; max-width: 620px; min-width: 0; }
        figcaption { font-size: 13px; margin: 6px 0 2px; }
        svg { width: 100%; height: auto; display: block; font-size: 12px; fill: var(--faint); }
        .frame { fill: none; stroke: var(--edge); }
        .grid { stroke: var(--rule); }
        .tick { stroke: var(--edge); }
        .curve { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
        .mark { fill: currentColor; stroke: transparent; stroke-width: 12; }
        .mark:hover { stroke: currentColor; stroke-width: 3; }
        .d1 { stroke-dasharray: 8 4; } .d2 { stroke-dasharray: 2 4; } .d3 { stroke-dasharray: 10 3 2 3; }
        .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
        .c4 { color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); } .c7 { color: var(--c7); }
        .legend { display: flex; flex-wrap: wrap; gap: 2px 22px; list-style: none; margin: 8px 0 4px; padding: 0; font-size: 14px; }
        .legend li { cursor: default; display: flex; align-items: center; gap: 8px; }
        .legend svg { width: 40px; height: 14px; flex: none; }
        .scroll { overflow-x: auto; margin-top: 14px; }
        table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
        th, td { padding: 2px 12px; text-align: right; white-space: nowrap; }
        th { color: var(--faint); font-weight: 600; }
        thead th { vertical-align: bottom; }
        .first { border-left: 1px solid var(--rule); }
        tbody tr:nth-child(odd) { background: color-mix(in srgb, var(--rule) 40%, transparent); }

        """;

    public static string Css { get; } = Fixed + string.Concat(Enumerable.Range(0, LinesShownAlone).Select(ShowAlone));

    /// <summary>What the legend and the plots call a line.</summary>
    public static string ClassOf(ReportLine line) => FormattableString.Invariant($"l{line.Index}");

    private static string ShowAlone(int line) => FormattableString.Invariant($"section:has(.legend .l{line}:hover) .series:not(.l{line}) {{ opacity: 0.1; }}\n");
}
