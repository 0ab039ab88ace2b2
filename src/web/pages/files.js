// The files of a change: loads each when the reader scrolls near it, and remembers which ones the reader has viewed. Without
// this script, the files are links.

const { load, replacePart } = globalThis.backspace
const page = document.querySelector('[data-run]').dataset.run

const near = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue
      near.unobserve(target)
      if (!isViewed(target)) target.open = true
    }
  },
  { rootMargin: '0px 0px 300px' },
)

globalThis.backspace.startFiles = startFiles
document.addEventListener('change', ({ target }) => target.matches?.('[data-viewed]') && tick(target))
document.addEventListener(
  'toggle',
  ({ target }) => target.matches?.('.file[data-load]') && target.open && void loadFile(target),
  true,
)
document.addEventListener('click', ({ target }) => {
  const view = target.closest?.('.view-switch')
  if (view) localStorage.setItem('diff-view', new URL(view.href).searchParams.get('view'))
})
startFiles()
void preferView()

function startFiles() {
  const files = [...document.querySelectorAll('#part-changes .file')]
  for (const file of files) {
    const box = boxOf(file)
    if (box) box.checked = isViewed(file)
    if (isViewed(file)) file.open = false
    else if (file.dataset.load && Number(file.dataset.lines) <= 150) near.observe(file)
  }
  countViewed()
}

function boxOf(file) {
  return file.parentElement.querySelector('[data-viewed]')
}

function keyOf(box) {
  return `viewed ${page} ${box.dataset.viewed}`
}

function isViewed(file) {
  const box = boxOf(file)
  return box !== null && localStorage.getItem(keyOf(box)) !== null
}

function tick(box) {
  if (box.checked) localStorage.setItem(keyOf(box), new Date().toISOString())
  else localStorage.removeItem(keyOf(box))
  const file = box.closest('.file-row').querySelector('.file')
  file.open = !box.checked
  countViewed()
}

function countViewed() {
  const boxes = [...document.querySelectorAll('[data-viewed]')]
  const count = document.querySelector('[data-viewed-count]')
  const viewed = boxes.filter(({ checked }) => checked).length
  if (count) count.textContent = viewed === 0 ? '' : `${viewed} of ${boxes.length} viewed · `
}

async function loadFile(file) {
  const { load: address } = file.dataset
  delete file.dataset.load
  const newer = await load(address).catch(() => undefined)
  if (!newer) return
  file.querySelector('.loads')?.replaceWith(...newer.body.childNodes)
}

/** The reader's choice holds for every run, on screens with room for two columns. */
async function preferView() {
  const { searchParams } = new URL(location.href)
  const isSplit = localStorage.getItem('diff-view') === 'split'
  if (!isSplit || innerWidth < 900 || searchParams.has('view') || !document.querySelector('.changes .diff'))
    return
  const newer = await load(`${page}/live?after=0&view=split`).catch(() => undefined)
  const part = newer?.getElementById('part-changes')
  if (part) replacePart(part)
  startFiles()
}
