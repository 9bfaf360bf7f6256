// The picture: forces place the nodes; a node keeps its place when the graph
// changes, so that what arrives can be told from what was there.
const width = 1000, height = 640, places = new Map();
let drawn = '';

function el(name, attributes, text) {
  const e = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const k in attributes) e.setAttribute(k, attributes[k]);
  if (text != null) e.textContent = text;
  return e;
}

// place puts the nodes near those they are linked with. Known nodes move little.
function place(nodes, edges, whole) {
  nodes.forEach((n, i) => {
    const known = whole && places.get(n.key), r = Math.sqrt((i + .5) / nodes.length);
    n.fixed = !!known;
    n.x = known ? known.x : width / 2 + 400 * Math.cos(i * 2.4) * r;
    n.y = known ? known.y : height / 2 + 260 * Math.sin(i * 2.4) * r;
  });
  const at = new Map(nodes.map(n => [n.key, n])), room = Math.min(110, 620 / Math.sqrt(nodes.length || 1));
  for (let step = 0; step < 160; step++) {
    const heat = 14 * (1 - step / 160);
    for (const n of nodes) { n.dx = (width / 2 - n.x) * .015; n.dy = (height / 2 - n.y) * .03; }
    for (let i = 0; i < nodes.length; i++) for (let j = 0; j < i; j++) {
      const a = nodes[i], b = nodes[j], x = a.x - b.x || .1, y = a.y - b.y || .1, f = room * room / (x * x + y * y + 1) * .05;
      a.dx += x * f; a.dy += y * f; b.dx -= x * f; b.dy -= y * f;
    }
    for (const e of edges) {
      const a = at.get(e.source), b = at.get(e.target), x = b.x - a.x, y = b.y - a.y, f = Math.hypot(x, y) / room * .04;
      a.dx += x * f; a.dy += y * f; b.dx -= x * f; b.dy -= y * f;
    }
    for (const n of nodes) {
      const l = Math.hypot(n.dx, n.dy) || 1, m = Math.min(l, n.fixed ? heat / 20 : heat) / l;
      n.x = Math.min(width - 60, Math.max(20, n.x + n.dx * m));
      n.y = Math.min(height - 15, Math.max(15, n.y + n.dy * m));
    }
  }
  if (!nodes.some(n => n.fixed)) spread(nodes);
  return at;
}

// spread lets a first picture fill its frame, with room for names on the right.
function spread(nodes) {
  const xs = nodes.map(n => n.x), ys = nodes.map(n => n.y), left = Math.min(...xs), top = Math.min(...ys);
  const sx = Math.min(2.4, (width - 160) / (Math.max(...xs) - left || 1)), sy = Math.min(2.4, (height - 40) / (Math.max(...ys) - top || 1));
  const ox = (width - 130 - (Math.max(...xs) - left) * sx) / 2, oy = (height - (Math.max(...ys) - top) * sy) / 2;
  for (const n of nodes) { n.x = ox + (n.x - left) * sx; n.y = oy + (n.y - top) * sy; }
}

// draw shows a graph of the repository in svg; choose is called with a node's key.
// mark says that what was not in the whole graph before is new.
export function draw(svg, { nodes, edges }, { repository, whole, mark }, choose) {
  if (drawn !== repository) places.clear();
  drawn = repository;
  const before = new Map(places), at = place(nodes, edges, whole);
  for (const n of nodes) {
    n.arrived = before.get(n.key)?.arrived || whole && mark && before.size > 0 && !before.has(n.key);
    if (whole) places.set(n.key, { x: n.x, y: n.y, arrived: n.arrived });
  }
  const labelled = new Set(nodes.slice(0, nodes.length > 100 ? 24 : 60).map(n => n.key));
  const most = Math.max(...nodes.map(n => n.degree), 1), crowd = Math.min(1, Math.max(.55, Math.sqrt(60 / nodes.length)));
  const shapes = nodes.map(n => {
    const g = el('g', { class: 'node' + (labelled.has(n.key) || n.arrived ? '' : ' quiet'), transform: `translate(${n.x} ${n.y})` });
    const radius = crowd * (4 + 8 * Math.sqrt(n.degree / most)), name = n.name.length > 32 ? n.name.slice(0, 31) + '…' : n.name;
    g.append(el('circle', { r: radius, class: (n.page ? 'page' : 'linked') + (n.arrived ? ' new' : '') }),
      el('text', { x: radius + 3, y: 4 }, name), el('title', {}, `${n.name}: ${n.degree} links`));
    g.onclick = () => choose(n.key);
    g.onmouseenter = () => g.parentNode.lastChild === g || g.parentNode.append(g); // its name above its neighbours
    return g;
  });
  shapes.sort((a, b) => b.classList.contains('quiet') - a.classList.contains('quiet')); // names above the rest
  svg.replaceChildren(
    ...edges.map(e => el('line', { x1: at.get(e.source).x, y1: at.get(e.source).y, x2: at.get(e.target).x, y2: at.get(e.target).y, class: e.kind })),
    ...shapes);
}
