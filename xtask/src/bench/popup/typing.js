const field = document.querySelector('#find-role');
const main = document.querySelector('main');
const frame = () => new Promise(requestAnimationFrame);
const task = () =>
  new Promise((go) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = go;
    port2.postMessage(null);
  });
const type = (text) => {
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
};
const measure = async (act) => {
  await frame();
  await task();
  const start = performance.now();
  act();
  await task();
  const own = performance.now() - start;
  await frame();
  await frame();
  return { own, frames: performance.now() - start };
};
(async () => {
  const times = { nothing: [], own: [], frames: [], scrolled: [] };
  for (const letter of 'etaoinsrhldcumfpgwyb') {
    times.nothing.push((await measure(() => {})).frames);
    const { own, frames } = await measure(() => type(letter));
    times.own.push(own);
    times.frames.push(frames);
  }
  // No role is called so: what is still in the list now was not filtered.
  await measure(() => type('qqqqqq'));
  const isFiltered = document.querySelector('[data-role]') === null;
  await measure(() => type(''));
  for (const way of Array(10).fill([1, 1, -1]).flat()) {
    const { frames } = await measure(() => (main.scrollTop += way * main.clientHeight));
    times.scrolled.push(frames);
  }
  done({ ...times, isFiltered });
})().catch((error) => done(String(error)));
