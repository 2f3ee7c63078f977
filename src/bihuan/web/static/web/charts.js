// Charts of the year. The tables beside them say the same and work without this.
"use strict";

(() => {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  const colours = {
    red: "--red",
    amber: "--amber-fill",
    blue: "--blue",
    green: "--green",
    grey: "--grey",
    accent: "--accent",
  };
  if (!window.echarts) return;
  document.querySelectorAll("[data-chart]").forEach((box) => {
    const plot = JSON.parse(box.dataset.chart);
    if (!plot.names.length) return;
    const chart = echarts.init(box, null, { renderer: "svg" });
    const lying = plot.kind === "bar" && plot.lying;
    const names = {
      type: "category",
      data: plot.names,
      inverse: Boolean(lying),
      axisLabel: { color: value("--quiet"), interval: lying ? 0 : "auto" },
      axisTick: { show: false },
    };
    const figures = {
      type: "value",
      min: plot.min,
      max: plot.max,
      axisLabel: { color: value("--quiet") },
      splitLine: { lineStyle: { color: value("--line") } },
    };
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: style.fontFamily },
      tooltip: { renderMode: "richText", trigger: "axis" },
      grid: { left: 4, right: 24, top: plot.series.length > 1 ? 28 : 8, bottom: 4, containLabel: true },
      legend:
        plot.series.length > 1
          ? { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: value("--quiet") } }
          : undefined,
      xAxis: lying ? figures : names,
      yAxis: lying ? names : figures,
      series: plot.series.map((s) => ({
        name: s.name,
        type: plot.kind,
        barMaxWidth: 16,
        symbolSize: 6,
        connectNulls: true,
        lineStyle: s.dashed ? { type: "dashed" } : undefined,
        itemStyle: { color: value(colours[s.colour] || "--accent") },
        data: s.colours
          ? s.data.map((n, i) => ({ value: n, itemStyle: { color: value(colours[s.colours[i]] || "--grey") } }))
          : s.data,
      })),
    });
    if (plot.links)
      chart.on("click", (e) => {
        if (plot.links[e.dataIndex]) location.href = plot.links[e.dataIndex];
      });
    addEventListener("resize", () => chart.resize());
  });
})();
