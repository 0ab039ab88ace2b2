// Keeps a page up to date: the server renders, this script only replaces old parts by newer ones.

const run = document.querySelector('[data-run]')
const list = document.querySelector('[data-list]')
showTimes(document)
setInterval(() => showTimes(document), 1000)
if (run && run.dataset.ended !== 'true') followRun(run)
if (list) void refreshList()

function followRun(page) {
  let wanted = false
  let busy = false
  const source = new EventSource(`${page.dataset.run}/events?after=${page.dataset.seq}`)
  source.onmessage = request
  // After the last event the server answers 204 and the browser closes the stream.
  source.onerror = () => source.readyState === EventSource.CLOSED && request()

  async function request() {
    wanted = true
    if (busy) return
    busy = true
    while (wanted) {
      wanted = false
      const began = performance.now()
      await refresh().catch(() => {})
      // A slow server is asked less often.
      await pause(Math.max(400, 4 * (performance.now() - began)))
    }
    busy = false
  }

  async function refresh() {
    const newer = await load(`${page.dataset.run}/live?after=${page.dataset.seq}`)
    const fragment = newer?.querySelector('[data-seq]')
    if (!fragment) return
    for (const part of fragment.querySelectorAll('[id^="part-"]')) replacePart(part)
    for (const entry of fragment.querySelectorAll('#timeline > li')) placeEntry(entry)
    page.dataset.seq = fragment.dataset.seq
    showTimes(page)
    if (fragment.dataset.ended !== 'true') return
    page.dataset.ended = 'true'
    source.close()
  }
}

function replacePart(part) {
  const old = document.getElementById(part.id)
  if (!old || (part.dataset.version !== undefined && part.dataset.version === old.dataset.version)) return
  const focused = old.contains(document.activeElement) ? document.activeElement.id : ''
  keepOpen(old, part)
  old.replaceWith(part)
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
}

function placeEntry(entry) {
  const old = document.getElementById(entry.id)
  if (!old) return document.getElementById('timeline')?.append(entry)
  keepOpen(old, entry)
  old.replaceWith(entry)
}

/** Keeps what the reader folded or unfolded. */
function keepOpen(old, next) {
  for (const details of next.querySelectorAll('details[id]')) {
    const before = old.querySelector(`#${CSS.escape(details.id)}`)
    if (before) details.open = before.open
  }
}

async function refreshList() {
  for (;;) {
    await pause(list.dataset.list === 'live' ? 3000 : 10_000)
    if (document.hidden) continue
    const newer = await load(location.href).catch(() => undefined)
    const part = newer?.getElementById('part-runs')
    if (!part) continue
    list.dataset.list = part.dataset.list
    list.replaceChildren(...part.childNodes)
    showTimes(list)
  }
}

async function load(url) {
  const answer = await fetch(url, { headers: { accept: 'text/html' } })
  if (!answer.ok) return undefined
  return new DOMParser().parseFromString(await answer.text(), 'text/html')
}

function showTimes(within) {
  for (const time of within.querySelectorAll('time[data-since]')) {
    time.textContent = duration((Date.now() - Date.parse(time.dateTime)) / 1000)
  }
  for (const time of within.querySelectorAll('time[data-moment]:not([title])')) {
    const date = new Date(time.dateTime)
    time.title = date.toLocaleString()
    time.textContent = date.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
