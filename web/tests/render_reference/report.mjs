/** The report: each case with both pictures and where they differ, the largest difference first. */

const STYLE = `
  body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-top: 1px solid #ccc; padding: 0.5rem; text-align: left; vertical-align: top; }
  img { display: block; width: 256px; max-width: 24vw; }
  .missed { color: #b00020; font-weight: 600; }
`;

const escaped = (text) =>
  String(text).replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign],
  );

/**
 * @param {object} result
 * @param {Record<string, string>} result.about what each side is
 * @param {{name: string, mean: number | null, isOptional: boolean, complaints: string[]}[]} result.rows
 * @param {{name: string, why: string}[]} result.absent
 * @param {number} result.limit the largest mean that is allowed
 * @param {string} result.viewing how the difference was measured
 */
export function reportPage({ about, rows, absent, limit, viewing }) {
  const sides = Object.keys(about);
  const hasFlip = rows.some(({ mean }) => mean !== null);
  const pictures = [...sides, ...(hasFlip ? ["flip"] : [])];
  const head = ["case", ...(hasFlip ? ["mean FLIP"] : []), ...pictures];
  const line = ({ name, mean, isOptional, complaints }) => {
    const missed = mean !== null && mean > limit && !isOptional;
    const figure = hasFlip ? `<td class="${missed ? "missed" : ""}">${mean?.toFixed(4) ?? "none"}</td>` : "";
    const notes = [isOptional ? "optional" : "", ...complaints].filter(Boolean).map(escaped).join("<br />");
    const images = pictures.map((side) => {
      const file = `${name}.${side}.png`;
      return `<td><a href="${file}"><img loading="lazy" alt="${escaped(name)}, ${side}" src="${file}" /></a></td>`;
    });
    return `<tr><td>${escaped(name)}<br /><small>${notes}</small></td>${figure}${images.join("")}</tr>`;
  };
  const sorted = [...rows].sort((a, b) => (b.mean ?? 0) - (a.mean ?? 0));
  const left = absent.map(({ name, why }) => `<li>${escaped(name)}: ${escaped(why)}</li>`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8" />
<title>Beside three.js</title>
<style>${STYLE}</style>
<h1>Beside three.js</h1>
<p>${sides.map((side) => `${side}: ${escaped(about[side])}`).join("; ")}. ${escaped(viewing)}
The largest mean that is allowed is ${limit}.</p>
<table>
<tr>${head.map((word) => `<th>${word}</th>`).join("")}</tr>
${sorted.map(line).join("\n")}
</table>
${left.length > 0 ? `<h2>Not drawn</h2>\n<ul>${left.join("")}</ul>` : ""}
</html>
`;
}
