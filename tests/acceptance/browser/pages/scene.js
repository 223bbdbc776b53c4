// Modules by every kind of name: mapped bare names, relative names, and bare names within the package's own modules.
import * as THREE from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";
import { EffectComposer } from "./vendor/three/examples/jsm/postprocessing/EffectComposer.js";
import { OutputPass } from "./vendor/three/examples/jsm/postprocessing/OutputPass.js";
import { RenderPass } from "./vendor/three/examples/jsm/postprocessing/RenderPass.js";
import { GLTFExporter } from "./vendor/three/examples/jsm/exporters/GLTFExporter.js";
import { GLTFLoader } from "./vendor/three/examples/jsm/loaders/GLTFLoader.js";

const canvas = document.getElementById("scene");
const renderer = new THREE.WebGLRenderer({ canvas, antialias: true, preserveDrawingBuffer: true });
const scene = new THREE.Scene();
scene.background = new THREE.Color("#103050");
const camera = new THREE.PerspectiveCamera(45, canvas.width / canvas.height, 0.1, 100);
camera.position.set(3, 2, 4);

const knot = new THREE.Mesh(new THREE.TorusKnotGeometry(1, 0.35, 128, 32), new THREE.MeshNormalMaterial());
const exported = await new GLTFExporter().parseAsync(new THREE.Mesh(knot.geometry));
const loaded = await new GLTFLoader().parseAsync(JSON.stringify(exported), "");
loaded.scene.traverse((part) => {
  if (part.isMesh) part.material = knot.material;
});
scene.add(loaded.scene);

const controls = new OrbitControls(camera, canvas);
controls.update();
const composer = new EffectComposer(renderer);
composer.addPass(new RenderPass(scene, camera));
composer.addPass(new OutputPass());
composer.render();

// One instance of three: what its loader made is of the class that this module knows.
window.one = loaded.scene instanceof THREE.Object3D && controls.object === camera;
