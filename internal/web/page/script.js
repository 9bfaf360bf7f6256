// The dashboard: it reads the API and draws. What files say is set as text, never
// as markup; the server's Content-Security-Policy allows no other script anyway.
import { draw } from '/page/graph.js';

const $ = id => document.getElementById(id);
const short = sha => sha ? sha.slice(0, 8) : '–';
const number = n => Number(n ?? 0).toLocaleString('en');
let token = sessionStorage.getItem('token') ?? '';
let shown = '', focus = '', following = 0, synced = false;

function request(path) {
  return fetch('/api/v1/' + path, { headers: token ? { Authorization: 'Bearer ' + token } : {} }).then(async r => {
    $('login').hidden = r.status !== 401;
    if (r.ok) return r;
    throw new Error((await r.json().catch(() => ({}))).detail ?? `${path} answered ${r.status}`);
  });
}
const get = path => request(path).then(r => r.json());
const repository = () => $('repository').value.split('/').map(encodeURIComponent).join('/');

function make(name, text, className) {
  const e = document.createElement(name);
  e.textContent = text ?? '';
  if (className) e.className = className;
  return e;
}

function notice(text) {
  $('notice').textContent = text;
  $('notice').hidden = !text;
}

function rows(table, head, list) {
  const line = (cells, tag) => {
    const tr = document.createElement('tr');
    tr.append(...cells.map(c => make(tag, typeof c === 'number' ? number(c) : c, typeof c === 'number' || ['files', 'ms'].includes(c) ? 'number' : '')));
    return tr;
  };
  table.replaceChildren(...(head ? [line(head, 'th')] : []), ...list.map(l => line(l, 'td')));
}

async function refresh() {
  const list = await get('repositories');
  notice(list.length ? '' : 'No repository yet: install the App on one.');
  if (!list.length) return;
  const names = list.map(r => r.repository), chosen = $('repository').value;
  if ([...$('repository').options].map(o => o.value).join('\n') !== names.join('\n')) {
    $('repository').replaceChildren(...names.map(n => new Option(n)));
    if (names.includes(chosen)) $('repository').value = chosen;
  }
  const r = list.find(x => x.repository === $('repository').value);
  $('state').textContent = r.state.replaceAll('_', ' ');
  $('state').className = 'badge ' + r.state;
  $('commits').textContent = `head ${short(r.head_sha)} · synced ${short(r.synced_sha)} · verified ${short(r.verified_sha)}`;
  await showRuns();
  const version = [r.repository, r.applied_sha, r.state, focus].join(' ');
  if (version !== shown) {
    await showGraph(r.repository);
    shown = version;
    synced = !!r.synced_sha; // what a first sync brings is not news
  }
}

async function showRuns() {
  const runs = await get(`repositories/${repository()}/runs`);
  rows($('runs'), ['run', 'trigger', 'state', 'files', 'ms'], runs.slice(0, 8).map(u =>
    [String(u.id), u.trigger, u.state.replaceAll('_', ' '), u.total_files, u.duration_ms ?? '']));
  // A settle repeats what a push did, mostly without a difference: it is no news.
  const newest = runs.find(u => u.trigger !== 'settle' || u.total_files > u.unchanged_files) ?? runs[0];
  if (!newest || following) return;
  if (['planning', 'running'].includes(newest.state)) follow(newest);
  else showRun(newest, (await get(`runs/${newest.id}`)).progress, newest);
}

// follow shows the events of a run under way until it ends.
async function follow(run) {
  following = run.id;
  const name = $('repository').value;
  try {
    const reader = (await request(`runs/${run.id}/events`)).body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done || name !== $('repository').value) { reader.cancel(); break; }
      const events = (rest + value).split('\n\n');
      rest = events.pop();
      for (const e of events) {
        const [, kind, data] = e.match(/^event: (\w+)\ndata: (.*)$/);
        if (kind === 'progress') showRun(run, JSON.parse(data), null);
      }
    }
  } catch { /* the next refresh says what is wrong */ }
  following = 0;
}

const statistics = ['kg_files_processed', 'ontology_files_processed', 'skipped_files', 'deleted_files', 'unchanged_files', 'failed_files',
  'total_nodes', 'total_edges', 'total_classes', 'total_properties', 'total_relations', 'total_axioms', 'api_requests', 'bytes_fetched', 'duration_ms'];

// showRun shows how far a run is, and its statistics when it has any.
function showRun(run, p, totals) {
  $('run').textContent = `Run ${run.id} · ${run.trigger}` + (totals ? ' · ' + totals.state.replaceAll('_', ' ') : ' · running');
  const planning = !totals && !p.files_total;
  $('bar').max = p.files_total || 1;
  if (planning) $('bar').removeAttribute('value'); else $('bar').value = p.files_total ? p.files_processed : 1;
  $('progress').textContent = planning ? 'reading the tree' : `${number(p.files_processed)} of ${number(p.files_total)} files` + (p.files_failed ? `, ${number(p.files_failed)} failed` : '');
  $('current').textContent = totals ? short(totals.commit_sha) : p.current_file;
  $('errors').replaceChildren(...(p.errors ?? []).slice(0, 10).map(e => make('li', e)));
  const live = { total_nodes: p.kg_nodes_saved, total_edges: p.kg_edges_saved, total_classes: p.onto_classes_saved, total_properties: p.onto_properties_saved, total_axioms: p.onto_axioms_saved };
  const from = totals ?? live;
  rows($('statistics'), null, statistics.filter(k => from[k] != null).map(k => [k.replaceAll('_', ' '), from[k]]));
}

async function showGraph(name) {
  const [graph, totals, facts] = await Promise.all([get(`repositories/${repository()}/graph?page=${encodeURIComponent(focus)}`),
    get(`repositories/${repository()}/totals`), focus ? get(`repositories/${repository()}/page?key=${encodeURIComponent(focus)}`) : []]);
  $('totals').replaceChildren(...Object.entries(totals).map(([k, v]) => {
    const li = make('li');
    li.append(make('b', number(v)), k.replaceAll('_', ' '));
    return li;
  }));
  draw($('graph'), graph, { repository: name, whole: !focus, mark: synced }, look);
  $('whole').hidden = !focus;
  const label = graph.nodes.find(n => n.key === focus)?.name ?? focus;
  $('scope').textContent = focus ? 'Around ' + label : 'Graph';
  $('caption').textContent = focus ? `${number(graph.nodes.length)} names and ${number(graph.edges.length)} links around it.`
    : `The ${number(graph.nodes.length)} most linked names and the ${number(graph.edges.length)} links between them. Choose one to see what it says.`;
  showFacts(label, facts);
}

function showFacts(label, [page]) {
  $('facts').hidden = !focus;
  $('name').textContent = label;
  $('file').textContent = page?.path ?? 'No file has this name: it is only linked to.';
  const entries = (list, key, name) => (list ?? []).map(l => {
    const li = make('li'), b = make('button', name(l));
    b.onclick = () => look(l[key]);
    li.append(b);
    return li;
  });
  $('links').replaceChildren(...entries(page?.links, 'target_key', l => l.target));
  $('backlinks').replaceChildren(...entries(page?.backlinks, 'source_key', l => `${l.path}:${l.line}`));
}

function look(key) {
  focus = key;
  tick();
}

let timer;
async function tick() {
  clearTimeout(timer);
  await refresh().catch(e => notice(e.message));
  clearTimeout(timer);
  timer = setTimeout(tick, 1000);
}

$('repository').onchange = () => {
  synced = false;
  look('');
};
$('whole').onclick = () => look('');
$('login').onsubmit = e => {
  e.preventDefault();
  token = $('token').value;
  sessionStorage.setItem('token', token);
  tick();
};
tick();
