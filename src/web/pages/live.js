// Keeps a page up to date: the server renders, and this script only replaces old parts by newer ones.
//
// An element with an id and `data-refresh="<address>"` is replaced every `data-seconds` (default 5) by the element with the same
// id at that address; `self` is the address of the page. Refreshing ends when the newer element has no `data-refresh`.

document.documentElement.classList.add('js')
const loops = new Map()
const shown = new Map()
showTimes(document)
setInterval(() => showTimes(document), 1000)
refreshParts()
// For the scripts of single pages, which load after this one.
globalThis.backspace = { load, pause, replacePart, keepOpen, showTimes }

function replacePart(part) {
  const old = document.getElementById(part.id)
  if (!old || (part.dataset.version !== undefined && part.dataset.version === old.dataset.version)) return
  const focused = old.contains(document.activeElement) ? document.activeElement.id : ''
  keepOpen(old, part)
  old.replaceWith(part)
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
}

/** Keeps folded and unfolded what the reader has folded and unfolded. */
function keepOpen(old, next) {
  for (const details of next.querySelectorAll('details[id]')) {
    const before = old.querySelector(`#${CSS.escape(details.id)}`)
    if (before) details.open = before.open
  }
}

/** Runs one loop for each address, so that one request refreshes all parts from it. */
function refreshParts() {
  for (const { dataset } of document.querySelectorAll('[data-refresh][id]')) {
    const { refresh } = dataset
    if (loops.has(refresh)) continue
    loops.set(refresh, true)
    void keepFresh(refresh).finally(() => loops.delete(refresh))
  }
}

async function keepFresh(refresh) {
  const address = refresh === 'self' ? location.href : refresh
  const parts = () => [...document.querySelectorAll(`[data-refresh="${CSS.escape(refresh)}"][id]`)]
  let failures = 0
  let took = 0
  while (parts().length > 0) {
    const seconds = Math.min(...parts().map(({ dataset }) => Number(dataset.seconds) || 5))
    // A slow server is asked less often, and one that does not answer much less often.
    await pause(Math.max(1000 * Math.max(1, seconds), 4 * took) * 2 ** Math.min(failures, 4))
    if (document.hidden) await becomesVisible()
    const began = performance.now()
    const newer = await load(address).catch(() => undefined)
    took = performance.now() - began
    failures = newer ? 0 : failures + 1
    if (!newer) continue
    for (const old of parts()) {
      const part = newer.getElementById(old.id)
      if (part && !isBeingEdited(old)) renew(part)
    }
    showTimes(document)
  }
}

/** Replaces a part only if it changed, so that nothing moves otherwise. */
function renew(part) {
  const text = part.outerHTML
  if (shown.get(part.id) === text) return
  shown.set(part.id, text)
  replacePart(part)
}

function isBeingEdited(part) {
  return part.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')
}

function becomesVisible() {
  return new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }))
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
