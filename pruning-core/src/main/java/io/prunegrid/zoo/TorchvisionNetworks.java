package io.prunegrid.zoo;

import io.prunegrid.zoo.ResNet.Block;
import io.prunegrid.zoo.Zoo.Entry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Torchvision's networks by its names, every published size, families together. */
final class TorchvisionNetworks {
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private TorchvisionNetworks() {
    put("alexnet", new AlexNet());
    vgg("vgg11", 1, 1, 2, 2, 2);
    vgg("vgg13", 2, 2, 2, 2, 2);
    vgg("vgg16", 2, 2, 3, 3, 3);
    vgg("vgg19", 2, 2, 4, 4, 4);
    residual();
    put("densenet121", new DenseNet(32, List.of(6, 12, 24, 16), 64));
    put("densenet161", new DenseNet(48, List.of(6, 12, 36, 24), 96));
    put("densenet169", new DenseNet(32, List.of(6, 12, 32, 32), 64));
    put("densenet201", new DenseNet(32, List.of(6, 12, 48, 32), 64));
    put("squeezenet1_0", SqueezeNet.VERSION_1_0);
    put("squeezenet1_1", SqueezeNet.VERSION_1_1);
    put("googlenet", new GoogLeNet());
    put("inception_v3", new InceptionV3(), 299);
    put("mobilenet_v2", new MobileNetV2());
    put("mobilenet_v3_small", MobileNetV3.SMALL);
    put("mobilenet_v3_large", MobileNetV3.LARGE);
    efficient();
    put("shufflenet_v2_x0_5", new ShuffleNetV2(List.of(48, 96, 192), 1024));
    put("shufflenet_v2_x1_0", new ShuffleNetV2(List.of(116, 232, 464), 1024));
    put("shufflenet_v2_x1_5", new ShuffleNetV2(List.of(176, 352, 704), 1024));
    put("shufflenet_v2_x2_0", new ShuffleNetV2(List.of(244, 488, 976), 2048));
    put("mnasnet0_5", new MnasNet(0.5));
    put("mnasnet0_75", new MnasNet(0.75));
    put("mnasnet1_0", new MnasNet(1.0));
    put("mnasnet1_3", new MnasNet(1.3));
    regular();
    transformers();
    ResNet fifty = new ResNet(Block.BOTTLENECK, List.of(3, 4, 6, 3));
    ResNet hundred = new ResNet(Block.BOTTLENECK, List.of(3, 4, 23, 3));
    dense("fcn_resnet50", new Segmentation(fifty, Segmentation.Head.FCN), 21);
    dense("fcn_resnet101", new Segmentation(hundred, Segmentation.Head.FCN), 21);
    dense("deeplabv3_resnet50", new Segmentation(fifty, Segmentation.Head.DEEPLAB), 21);
    dense("deeplabv3_resnet101", new Segmentation(hundred, Segmentation.Head.DEEPLAB), 21);
    dense("retinanet_dense", new RetinaNetDense(fifty), 91);
  }

  static Map<String, Entry> entries() {
    return new TorchvisionNetworks().entries;
  }

  private void residual() {
    put("resnet18", new ResNet(Block.BASIC, List.of(2, 2, 2, 2)));
    put("resnet34", new ResNet(Block.BASIC, List.of(3, 4, 6, 3)));
    put("resnet50", new ResNet(Block.BOTTLENECK, List.of(3, 4, 6, 3)));
    put("resnet101", new ResNet(Block.BOTTLENECK, List.of(3, 4, 23, 3)));
    put("resnet152", new ResNet(Block.BOTTLENECK, List.of(3, 8, 36, 3)));
    put("resnext50_32x4d", new ResNet(Block.BOTTLENECK, List.of(3, 4, 6, 3), 32, 4));
    put("resnext101_32x8d", new ResNet(Block.BOTTLENECK, List.of(3, 4, 23, 3), 32, 8));
    put("resnext101_64x4d", new ResNet(Block.BOTTLENECK, List.of(3, 4, 23, 3), 64, 4));
    put("wide_resnet50_2", new ResNet(Block.BOTTLENECK, List.of(3, 4, 6, 3), 1, 128));
    put("wide_resnet101_2", new ResNet(Block.BOTTLENECK, List.of(3, 4, 23, 3), 1, 128));
  }

  private void efficient() {
    efficient(0, 1.0, 1.0, 0.2, 224);
    efficient(1, 1.0, 1.1, 0.2, 240);
    efficient(2, 1.1, 1.2, 0.3, 288);
    efficient(3, 1.2, 1.4, 0.3, 300);
    efficient(4, 1.4, 1.8, 0.4, 380);
    efficient(5, 1.6, 2.2, 0.4, 456);
    efficient(6, 1.8, 2.6, 0.5, 528);
    efficient(7, 2.0, 3.1, 0.5, 600);
    put("efficientnet_v2_s", EfficientNet.V2_S, 384);
    put("efficientnet_v2_m", EfficientNet.V2_M, 480);
    put("efficientnet_v2_l", EfficientNet.V2_L, 480);
  }

  /** From the sixth size on, batch normalization is torchvision's of the first implementation. */
  private void efficient(int number, double width, double depth, double dropout, int resolution) {
    boolean late = number >= 5;
    put(
        "efficientnet_b" + number,
        EfficientNet.scaled(width, depth, dropout, late ? 0.001 : 1e-5, late ? 0.01 : 0.1),
        resolution);
  }

  private void regular() {
    put("regnet_x_400mf", RegNet.x(22, 24, 24.48, 2.54, 16));
    put("regnet_x_800mf", RegNet.x(16, 56, 35.73, 2.28, 16));
    put("regnet_x_1_6gf", RegNet.x(18, 80, 34.01, 2.25, 24));
    put("regnet_x_3_2gf", RegNet.x(25, 88, 26.31, 2.25, 48));
    put("regnet_x_8gf", RegNet.x(23, 80, 49.56, 2.88, 120));
    put("regnet_x_16gf", RegNet.x(22, 216, 55.59, 2.1, 128));
    put("regnet_x_32gf", RegNet.x(23, 320, 69.86, 2.0, 168));
    put("regnet_y_400mf", RegNet.y(16, 48, 27.89, 2.09, 8));
    put("regnet_y_800mf", RegNet.y(14, 56, 38.84, 2.4, 16));
    put("regnet_y_1_6gf", RegNet.y(27, 48, 20.71, 2.65, 24));
    put("regnet_y_3_2gf", RegNet.y(21, 80, 42.63, 2.66, 24));
    put("regnet_y_8gf", RegNet.y(17, 192, 76.82, 2.19, 56));
    put("regnet_y_16gf", RegNet.y(18, 200, 106.23, 2.48, 112));
    put("regnet_y_32gf", RegNet.y(20, 232, 115.89, 2.53, 232));
    put("regnet_y_128gf", RegNet.y(27, 456, 160.83, 2.52, 264));
  }

  private void transformers() {
    List<Integer> narrow = List.of(96, 192, 384, 768);
    put("convnext_tiny", new ConvNext(narrow, List.of(3, 3, 9, 3), 0.1));
    put("convnext_small", new ConvNext(narrow, List.of(3, 3, 27, 3), 0.4));
    put("convnext_base", new ConvNext(List.of(128, 256, 512, 1024), List.of(3, 3, 27, 3), 0.5));
    put("convnext_large", new ConvNext(List.of(192, 384, 768, 1536), List.of(3, 3, 27, 3), 0.5));
    put("vit_b_16", new VisionTransformer(16, 12, 12, 768, 3072));
    put("vit_b_32", new VisionTransformer(32, 12, 12, 768, 3072));
    put("vit_l_16", new VisionTransformer(16, 24, 16, 1024, 4096));
    put("vit_l_32", new VisionTransformer(32, 24, 16, 1024, 4096));
    put("vit_h_14", new VisionTransformer(14, 32, 16, 1280, 5120));
  }

  private void vgg(String name, Integer... convolutions) {
    put(name, Vgg.of(Vgg.Norm.NONE, convolutions));
    put(name + "_bn", Vgg.of(Vgg.Norm.BATCH, convolutions));
  }

  private void put(String name, Recipe recipe) {
    put(name, recipe, 224);
  }

  private void put(String name, Recipe recipe, int resolution) {
    entries.put(name, new Entry(recipe, new NetworkSize(1000, 3, resolution, resolution)));
  }

  /** Networks for images of any size; torchvision's own default for these is 520 and 800. */
  private void dense(String name, Recipe recipe, int classes) {
    int resolution = recipe instanceof RetinaNetDense ? 800 : 520;
    entries.put(name, new Entry(recipe, new NetworkSize(classes, 3, resolution, resolution)));
  }
}
