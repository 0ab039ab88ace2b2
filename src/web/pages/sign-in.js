// The server never sees the fragment of an address (`#42`), so the way back from GitHub gets it here.
const { hash } = location
for (const link of document.querySelectorAll('a[data-back]')) {
  const url = new URL(link.href)
  url.searchParams.set('next', `${url.searchParams.get('next')}${hash}`)
  link.href = url.href
}
for (const field of document.querySelectorAll('input[data-back]')) field.value += hash
