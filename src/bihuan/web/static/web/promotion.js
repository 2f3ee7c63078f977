// Charts and map of the key projects. The lists beside them say the same and work without this.
"use strict";

(() => {
  const read = (id) => {
    const box = document.getElementById(id);
    return box ? JSON.parse(box.dataset.json) : null;
  };
  const style = getComputedStyle(document.documentElement);
  const colour = (light) =>
    style
      .getPropertyValue(
        { red: "--red", amber: "--amber-fill", blue: "--blue", green: "--green", grey: "--grey", none: "--line" }[
          light
        ],
      )
      .trim();
  const ink = style.getPropertyValue("--quiet").trim();
  const go = (key, value, light) => {
    location.search = "?" + key + "=" + encodeURIComponent(value) + (light ? "&light=" + light : "");
  };

  const plots = read("plots");
  if (plots && window.echarts)
    document.querySelectorAll("[data-plot]").forEach((box) => {
      const plot = plots[box.dataset.plot];
      if (!plot.keys.length) return;
      const chart = echarts.init(box, null, { renderer: "svg" });
      chart.setOption({
        animation: false,
        textStyle: { fontFamily: style.fontFamily },
        grid: { left: 4, right: 12, top: 26, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: ink } },
        tooltip: { renderMode: "richText", trigger: "axis", axisPointer: { type: "shadow" } },
        xAxis: {
          type: "value",
          minInterval: 1,
          axisLabel: { color: ink },
          splitLine: { lineStyle: { color: style.getPropertyValue("--line").trim() } },
        },
        yAxis: {
          type: "category",
          inverse: true,
          data: plot.names,
          axisLabel: { color: ink },
          axisTick: { show: false },
        },
        series: plot.series.map((s) => ({
          name: s.name,
          type: "bar",
          stack: "all",
          barMaxWidth: 18,
          data: s.data,
          itemStyle: { color: colour(s.light) },
        })),
      });
      chart.on("click", (e) => go(plot.key, plot.keys[e.dataIndex], plot.series[e.seriesIndex].light));
      addEventListener("resize", () => chart.resize());
    });

  const shapes = read("shapes");
  const box = document.getElementById("map");
  if (shapes && box && window.L) {
    const map = L.map(box, { attributionControl: false, zoomControl: true, scrollWheelZoom: false, zoomSnap: 0.25 });
    const layer = L.geoJSON(shapes, {
      style: (f) => ({
        color: style.getPropertyValue("--paper").trim(),
        weight: 1.5,
        fillOpacity: f.properties.n ? 0.75 : 0.25,
        fillColor: colour(f.properties.red ? "red" : f.properties.amber ? "amber" : f.properties.n ? "green" : "none"),
      }),
      onEachFeature: (f, shape) => {
        const p = f.properties;
        shape.bindTooltip(((p.short || p.name) + " " + p.n).replace(/[<>&]/g, ""), {
          permanent: true,
          direction: "center",
          className: "place",
        });
        shape.on("click", () => go("place", p.code));
      },
    }).addTo(map);
    map.fitBounds(layer.getBounds(), { padding: [4, 4] });
  }
})();
