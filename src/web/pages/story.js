// The story of a run: loads entries and what is folded, and handles links to events, search, and following the newest entry.

const { load, pause, keepOpen, showTimes } = globalThis.backspace
const page = document.querySelector('[data-run]').dataset.run
const MOST_ENTRIES = 160
let following = false
/** What arrives while another story is loaded, which may be older. */
const meanwhile = []
let loading = 0
let lacksEntries = false
let loadsNewest = false

Object.assign(globalThis.backspace, { placeEntries, showEntries, showFailure })
addEventListener('hashchange', () => void showHash())
document.addEventListener('click', clickLink)
document.addEventListener('toggle', ({ target }) => void openDetails(target), true)
document.addEventListener('submit', (event) => event.target.matches('[data-search]') && search(event))
for (const name of ['wheel', 'touchmove', 'keydown'])
  addEventListener(name, () => setFollowing(false), { passive: true })
void showHash()

function story() {
  return document.getElementById('story')
}

function list() {
  return document.getElementById('timeline')
}

function placeEntries(fragment) {
  const isNewest = story().dataset.newest === 'true'
  if (loading > 0) meanwhile.push(fragment.cloneNode(true))
  if (fragment.dataset.gap === 'true' && isNewest) return void loadNewest()
  const entries = [...fragment.querySelectorAll('#timeline > li')]
  for (const entry of entries) {
    const old = document.getElementById(entry.id)
    if (old) {
      if (Number(old.dataset.last) > Number(entry.dataset.last)) continue
      keepOpen(old, entry)
      old.replaceWith(entry)
    } else if (isNewest) list().append(entry)
  }
  if (isNewest && list().children.length > MOST_ENTRIES) dropOldest()
  if (following) document.getElementById('now').scrollIntoView({ block: 'end' })
}

/** Shows only these entries, for a replay. */
function showEntries(fragment, isEnd) {
  list().replaceChildren(...fragment.querySelectorAll('#timeline > li'))
  for (const link of story().querySelectorAll('.more')) link.hidden = !isEnd
}

/** Removes entries that scrolled far away; they are loaded again when the reader goes back. */
function dropOldest() {
  if (!following && list().getBoundingClientRect().top > -2 * innerHeight) return
  while (list().children.length > MOST_ENTRIES / 2) list().firstElementChild.remove()
  if (story().querySelector('[data-more="before"]')) return
  const link = document.createElement('a')
  link.dataset.more = 'before'
  link.href = `${page}?at=1#1`
  link.textContent = 'Earlier entries'
  const more = document.createElement('p')
  more.className = 'more'
  more.append(link)
  story().prepend(more)
}

/** Replaces the entries on the page by others. Returns false if they could not be loaded. */
async function loadStory(query) {
  loading++
  const newer = await load(`${page}/story${query}`).catch(() => undefined)
  const next = newer?.getElementById('story')
  if (next) {
    story().replaceWith(next)
    showTimes(next)
  }
  loading--
  const missed = loading === 0 ? meanwhile.splice(0) : [...meanwhile]
  if (next) for (const fragment of missed) placeEntries(fragment)
  return next !== undefined
}

/** Replaces the entries by the newest, because too many came at once. Until they are here, the list has a gap, so it tries again. */
async function loadNewest() {
  lacksEntries = true
  if (loadsNewest) return
  loadsNewest = true
  while (lacksEntries && story().dataset.newest === 'true') {
    lacksEntries = false
    if (await loadStory('')) continue
    lacksEntries = true
    await pause(3000)
  }
  loadsNewest = false
}

async function more(link) {
  const isBefore = link.dataset.more === 'before'
  const edge = isBefore ? list().firstElementChild : list().lastElementChild
  const newer = await load(`${page}/story?${isBefore ? `before=${edge.id}` : `next=${edge.dataset.last}`}`)
  const next = newer?.getElementById('story')
  if (!next) return
  const entries = [...next.querySelectorAll('#timeline > li')].filter(
    ({ id }) => !document.getElementById(id),
  )
  const top = edge.getBoundingClientRect().top
  if (isBefore) list().prepend(...entries)
  else list().append(...entries)
  // Keep what the reader is looking at where it is on the screen.
  if (isBefore) scrollBy(0, edge.getBoundingClientRect().top - top)
  const further = next.querySelector(`[data-more="${link.dataset.more}"]`)
  if (further) link.parentElement.replaceWith(further.parentElement)
  else link.parentElement.remove()
  if (!isBefore) story().dataset.newest = next.dataset.newest
  entries
    .at(isBefore ? -1 : 0)
    ?.querySelector('a, summary')
    ?.focus({ preventScroll: true })
}

async function showHash() {
  // An address may name the event in its query alone, for readers without JavaScript.
  const seq = Number(
    /^#(\d{1,9})$/.exec(location.hash)?.[1] ?? ((location.hash === '' && story().dataset.target) || 0),
  )
  if (seq === 0) return
  setFollowing(false)
  let entry = entryOf(seq)
  if (!entry && (await loadStory(`?at=${seq}`))) entry = entryOf(seq)
  if (!entry) return
  if (entry.dataset.brief) entry = (await loadEntry(entry)) ?? entry
  for (const old of document.querySelectorAll('#timeline > .target')) old.classList.remove('target')
  entry.classList.add('target')
  for (const id of [`tools-${entry.id}`, `tool-${seq}`]) document.getElementById(id)?.setAttribute('open', '')
  entry.scrollIntoView({ block: 'center' })
  entry.querySelector('.perma')?.focus({ preventScroll: true })
}

/** The entry that shows an event. Entries may overlap: one that began within a longer one is an entry of its own. */
function entryOf(seq) {
  const own = document.getElementById(String(seq))
  if (own?.closest('#timeline')) return own
  const around = [...list().children].filter(
    ({ id, dataset }) => Number(id) <= seq && seq <= Number(dataset.last),
  )
  if (around.length > 0) return around.at(-1)
  const [first, last] = [list().firstElementChild, list().lastElementChild]
  const isWithin = first && Number(first.id) <= seq && seq <= Number(last.dataset.last)
  return isWithin ? [...list().children].findLast(({ id }) => Number(id) <= seq) : undefined
}

async function loadEntry(entry) {
  const newer = await load(`${page}/story?entry=${entry.id}`).catch(() => undefined)
  const whole = newer?.getElementById('timeline')?.firstElementChild
  if (whole) entry.replaceWith(whole)
  return whole
}

function setFollowing(value) {
  if (value === following) return
  following = value
  document.querySelector('[data-follow]')?.classList.toggle('on', value)
}

async function follow() {
  if (story().dataset.newest !== 'true') await loadStory('')
  setFollowing(true)
  document.getElementById('now').scrollIntoView({ block: 'end' })
}

function showFailure(seq) {
  const jump = document.querySelector('[data-jump="failure"]')
  if (jump) jump.href = `${page}?at=${seq}#${seq}`
}

async function search(event) {
  event.preventDefault()
  const query = event.target.elements.q.value.trim()
  const hits = document.getElementById('hits')
  if (query === '') return hits.replaceChildren()
  const newer = await load(`${page}/story?q=${encodeURIComponent(query)}`).catch(() => undefined)
  if (newer) hits.replaceChildren(...newer.body.childNodes)
}

function clickLink(event) {
  const link = event.target.closest?.('a')
  if (!link || event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const to = new URL(link.href)
  if (to.pathname !== page || to.origin !== location.origin) return
  if (link.dataset.more) {
    event.preventDefault()
    void more(link)
  } else if (link.dataset.follow !== undefined) {
    event.preventDefault()
    void follow()
  } else if (to.searchParams.has('at')) {
    event.preventDefault()
    if (location.hash === to.hash) void showHash()
    else location.hash = to.hash
  }
}

/** Loads the content of a folded part when the reader opens it. */
async function openDetails(details) {
  const { load: address } = details.dataset ?? {}
  if (!details.open || address === undefined || details.matches('.file')) return
  delete details.dataset.load
  const entry = details.closest('li')
  const whole = entry && (await loadEntry(entry))
  whole?.querySelector('details.tools')?.setAttribute('open', '')
  whole?.querySelector('summary')?.focus({ preventScroll: true })
}
