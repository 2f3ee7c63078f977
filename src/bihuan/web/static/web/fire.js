// Maps of fire safety: shapes with a figure, dots of premises, tours of a plan. The tables beside them say the same.
"use strict";

(() => {
  const box = document.getElementById("map");
  if (!box || !window.L) return;
  const read = (id) => {
    const found = document.getElementById(id);
    return found ? { data: JSON.parse(found.dataset.json), go: found.dataset.go } : null;
  };
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue("--" + name).trim();
  const plain = (text) => String(text).replace(/[<>&]/g, "");
  const shapes = read("shapes"),
    dots = read("dots"),
    lines = read("lines");
  const map = L.map(box, { attributionControl: false, scrollWheelZoom: false, zoomSnap: 0.25 }).setView(
    [34.77, 113.77],
    11,
  );
  const bounds = L.latLngBounds([]);

  if (shapes) {
    const most = Math.max(1, ...shapes.data.features.map((f) => f.properties.red));
    const layer = L.geoJSON(shapes.data, {
      style: (f) => ({
        color: colour("paper"),
        weight: 1.5,
        fillColor: colour(f.properties.light || (f.properties.red ? "red" : "green")),
        fillOpacity: f.properties.light ? 0.45 : f.properties.n ? 0.15 + (0.5 * f.properties.red) / most : 0.1,
      }),
      onEachFeature: (f, shape) => {
        shape.bindTooltip(
          plain(
            (f.properties.short || f.properties.name) + " " + (f.properties.light ? f.properties.n : f.properties.red),
          ),
          { permanent: true, direction: "center", className: "place" },
        );
        shape.on("click", () => {
          location.href =
            shapes.go + (shapes.go.includes("?") ? "&" : "?") + "place=" + encodeURIComponent(f.properties.code);
        });
      },
    }).addTo(map);
    bounds.extend(layer.getBounds());
  }
  if (dots)
    for (const [lon, lat, code, name] of dots.data) {
      const dot = L.circleMarker([lat, lon], { radius: 4, weight: 1, color: colour("accent"), fillOpacity: 0.6 }).addTo(
        map,
      );
      dot.bindTooltip(plain(name));
      dot.on("click", () => {
        location.href = dots.go + code + "/";
      });
      bounds.extend([lat, lon]);
    }
  if (lines) {
    const inks = ["accent", "green", "amber", "red", "grey", "blue"];
    for (const line of lines.data) {
      const points = line.places.map(([lon, lat]) => [lat, lon]);
      L.polyline(points, { color: colour(inks[line.team % inks.length]), weight: 2 })
        .addTo(map)
        .bindTooltip(plain(line.name));
      points.forEach((p, i) =>
        L.circleMarker(p, { radius: 4, color: colour(inks[line.team % inks.length]), fillOpacity: 0.8 })
          .addTo(map)
          .bindTooltip(plain(line.name + " " + (i + 1))),
      );
      points.forEach((p) => bounds.extend(p));
    }
  }
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [6, 6] });
})();
