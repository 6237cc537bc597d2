/**
 * Loads a WebGL build as Unity's own template does, and connects it with `greenroom`.
 *
 * The build's scripts find the instance as `unityInstance`, and call `greenroom` as a page of the researcher's own would.
 */
(async () => {
  "use strict";
  const { greenroom } = /** @type {any} */ (window);
  const { build } = await greenroom.info();
  if (!build) {
    greenroom.fail("this page shows a build within a study only");
    return;
  }
  try {
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = build.loader;
      script.onload = () => resolve(undefined);
      script.onerror = () => reject(new Error(`the loader ${build.name}.loader.js cannot be loaded`));
      document.head.append(script);
    });
    const canvas = document.getElementById("unity-canvas");
    const instance = await /** @type {any} */ (window).createUnityInstance(canvas, {
      dataUrl: build.data,
      frameworkUrl: build.framework,
      codeUrl: build.wasm,
      streamingAssetsUrl: build.streaming,
      companyName: "greenroom",
      productName: build.name,
      productVersion: "1",
      // Addresses change with their contents, so the browser's own cache is enough, and is filled in earlier scenes.
      cacheControl: () => "no-store",
      showBanner: (/** @type {string} */ message, /** @type {string} */ kind) => {
        if (kind === "error") greenroom.fail(message);
        else console.warn(message);
      },
    }, (/** @type {number} */ fraction) => greenroom.progress(fraction));
    Object.assign(window, { unityInstance: instance });
    const { receiver } = build;
    if (receiver) {
      greenroom.on("message", (/** @type {any} */ data) => {
        instance.SendMessage(receiver[0], receiver[1], JSON.stringify(data));
      });
    }
    await greenroom.ready();
    canvas?.focus();
  } catch (error) {
    greenroom.fail(error);
  }
})();
