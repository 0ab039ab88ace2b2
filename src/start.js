// JavaScript on purpose: if the first file is TypeScript, Node loads its compiler (18 MB) at each start, although every
// other file comes from the cache.
import './compile-cache.js'

const { main } = await import('./main.ts')
await main()
