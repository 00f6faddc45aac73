import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

export default {
  preprocess: vitePreprocess(),
  // Components have names of their own, which are shorter than hashes and can be read.
  compilerOptions: { runes: true, cssHash: ({ name }) => name },
};
