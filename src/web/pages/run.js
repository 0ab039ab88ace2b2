// The page of one run: shows new parts as events arrive, and replays a run.
// Everything that this script does is also a link or a form that works without it.

const { load, pause, replacePart, showTimes, startFiles, placeEntries, showEntries, showFailure } =
  globalThis.backspace
const run = document.querySelector('[data-run]')
const page = run.dataset.run
const drawn = new Map()
let output = ''

if (run.dataset.ended !== 'true' && run.dataset.upto === undefined) followRun()
startReplay()

// Live

function followRun() {
  const split = run.querySelector('.diff.split') ? '&view=split' : ''
  const source = new EventSource(`${page}/live?after=${run.dataset.seq}${split}`)
  source.addEventListener('parts', ({ data }) =>
    apply(new DOMParser().parseFromString(JSON.parse(data), 'text/html'), source),
  )
  source.addEventListener('output', ({ data }) => showOutput(JSON.parse(data)))
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) return
    // A server that restarts may answer with an error first. After the last event there is no stream, only what it changed.
    await pause(3000)
    const newer = await load(`${page}/live?after=${run.dataset.seq}${split}`).catch(() => undefined)
    if (newer) apply(newer)
    if (run.dataset.ended !== 'true') followRun()
  }
}

function apply(newer, source) {
  const fragment = newer.querySelector('article[data-seq]')
  if (!fragment) return
  for (const part of fragment.querySelectorAll('[id^="part-"]')) renew(part)
  placeEntries(fragment)
  const { seq, status, ended, failure } = fragment.dataset
  run.dataset.seq = seq
  if (failure !== undefined) showFailure(failure)
  if (status !== run.dataset.status) {
    run.dataset.status = status
    void renewActions()
  }
  showOutput(output)
  startFiles()
  showTimes(run)
  if (ended !== 'true') return
  run.dataset.ended = 'true'
  source?.close()
  document.querySelector('[data-follow]')?.setAttribute('hidden', '')
}

/** Replaces a part only if it changed, so that nothing moves otherwise. */
function renew(part) {
  const text = part.outerHTML
  if (drawn.get(part.id) === text) return
  drawn.set(part.id, text)
  replacePart(part)
}

async function renewActions() {
  const newer = await load(`${page}/actions`).catch(() => undefined)
  const part = newer?.getElementById('part-act')
  if (!part) return
  const typed = document.querySelector('#part-act textarea[name="text"]')?.value ?? ''
  replacePart(part)
  const field = document.querySelector('#part-act textarea[name="text"]')
  if (typed !== '' && field) field.value = typed
}

function showOutput(text) {
  output = text
  const place = document.getElementById('live-output')
  if (!place) return
  place.hidden = text === ''
  place.textContent = text
  place.scrollTop = place.scrollHeight
}

// Replay

function startReplay() {
  const form = document.querySelector('[data-replay]')
  if (!form) return
  const { upto } = form.elements
  let wanted
  let busy = false
  upto.addEventListener('input', async () => {
    wanted = Number(upto.value)
    document.getElementById('upto-text').value = `event ${wanted} of ${upto.max}`
    if (busy) return
    busy = true
    while (wanted !== undefined) {
      const at = wanted
      wanted = undefined
      await replay(at, at === Number(upto.max)).catch(() => {})
    }
    busy = false
  })
}

const REPLAYED = [
  'part-steps',
  'part-plan',
  'part-usage',
  'part-checks',
  'part-setup',
  'part-verification',
  'part-changes',
]

async function replay(at, isEnd) {
  const newer = await load(`${page}/live?upto=${at}`)
  const fragment = newer?.querySelector('article[data-seq]')
  if (!fragment) return
  for (const id of ['part-outcome', 'part-act', 'part-records'])
    document.getElementById(id)?.toggleAttribute('hidden', !isEnd)
  for (const id of ['part-head', ...REPLAYED]) {
    const part = newer.getElementById(id)
    if (part) renew(part)
    document.getElementById(id)?.toggleAttribute('hidden', !part)
  }
  showEntries(fragment, isEnd)
  showTimes(run)
}
