// JavaScript on purpose: if the first file were TypeScript, Node would load its compiler (18 MB) at each start, although
// every other file comes from the compile cache.
import './compile-cache.js'

const { main } = await import('./main.ts')
await main()
