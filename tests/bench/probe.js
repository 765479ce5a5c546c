// Measures, inside the page, when a picture shows a new state. Installed by browser_side.py, the same for every widget.
//   probe.watch(element)    repaints from now on are those of this element, while it holds a picture
//   probe.press()           resolves with the milliseconds from the next keydown to the end of the frame with the change
//   probe.start() / stop()  the times of the frames in which the picture changed in between
window.probe = (() => {
  const frames = [];
  let pending = false, waiting = null, pressed = 0, observer = null;

  const painted = () => {
    pending = false;
    const now = performance.now();
    frames.push(now);
    if (waiting && pressed) { waiting(now - pressed); waiting = null; pressed = 0; }
  };
  const afterFrame = (action) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = action;
    channel.port2.postMessage(0);
  });
  document.addEventListener("keydown", (event) => { if (waiting && !pressed) pressed = event.timeStamp; }, true);

  return {
    watch(element) {
      observer?.disconnect();
      observer = new MutationObserver(() => {
        if (pending || !(element.closest("svg") || element.querySelector("svg, img"))) return;
        pending = true;
        afterFrame(painted);
      });
      observer.observe(element, { childList: true, characterData: true, subtree: true });
    },
    press: () => new Promise((resolve) => { waiting = resolve; }),
    start: () => { frames.length = 0; },
    stop: () => frames.slice(),
  };
})();
